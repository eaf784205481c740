from dataclasses import replace

import pytest

from dog.storage.multiplier_versions import (
    KEPT_VERSIONS,
    MultiplierVersion,
    drop_old_versions,
    publish_version,
    read_publications,
    read_versions,
)
from dog.storage.store import Store
from dog.storage.week_replay import Replay, abandon_replay, begin_replay, read_replay

PLAN = Replay(first=3, last=5, started_ms=99, base="v2", arrivals=[1, 2])


def version(week: int, name: str = "", at_ms: int = 0) -> MultiplierVersion:
    return MultiplierVersion(
        version=name or f"v{week}",
        week=week,
        published_at_ms=at_ms or week,
        timezone="UTC",
        policies={"recommended": {}},
        counts={},
        end_ms=week * 10,
    )


def head(store: Store) -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in store.execute("HGETALL", store.keys.of("head")).items()}


@pytest.fixture
def published(store: Store) -> Store:
    for week in range(2, 6):
        publish_version(store, version(week), 0)
    return store


def test_the_version_in_force_changes_with_the_last_replayed_week_and_all_weeks_with_it(published: Store) -> None:
    begin_replay(published, PLAN)
    answers, seen = [], []
    for week in (3, 4, 5):
        answers.append(publish_version(published, version(week, f"r{week}", 90), 0, PLAN.last))
        seen.append((head(published)["multipliers"], read_publications(published)[3]))

    assert answers == ["replayed"] * 3
    assert seen == [("v5", ("v3", 3)), ("v5", ("v3", 3)), ("r5", ("r3", 3))]
    assert read_publications(published) == {2: ("v2", 2), 3: ("r3", 3), 4: ("r4", 4), 5: ("r5", 5)}
    assert read_replay(published) is None
    assert head(published)["published_until_ms"] == "50"


def test_a_week_that_was_never_published_becomes_so_by_the_replay(published: Store) -> None:
    begin_replay(published, replace(PLAN, first=1, last=5, base=None))
    for week in range(1, 6):
        publish_version(published, version(week, f"r{week}", 90), 0, 5)

    assert read_publications(published)[1] == ("r1", 90)


def test_a_replay_that_was_killed_goes_on_from_what_is_done(published: Store) -> None:
    begin_replay(published, PLAN)
    publish_version(published, version(3, "r3"), 0, 5)
    left = read_replay(published)

    assert left == PLAN.after(3, "r3")
    assert (left.weeks, left.previous) == ([4, 5], "r3")
    assert publish_version(published, version(3, "again"), 0, 5) == "repeated"


def test_a_replay_by_a_holder_with_an_older_token_changes_nothing(published: Store) -> None:
    begin_replay(published, PLAN)
    published.redis.set(published.keys.of("fence", "recompute"), 5)

    assert publish_version(published, version(3, "r3"), 4, 5) == "fenced"
    assert read_replay(published) == PLAN


def test_a_new_replay_drops_frozen_inputs_and_what_another_had_done(published: Store) -> None:
    published.redis.hset(published.keys.of("cuts").decode(), "6", "[]")
    begin_replay(published, replace(PLAN, done={3: "r3"}))
    begin_replay(published, PLAN)
    again = read_replay(published)
    abandon_replay(published)

    assert (again, read_replay(published)) == (PLAN, None)
    assert not published.redis.exists(published.keys.of("cuts"))


def test_the_version_that_the_next_week_needs_and_the_one_in_force_are_kept_though_older(store: Store) -> None:
    for week in range(10, 10 + KEPT_VERSIONS):
        publish_version(store, version(week), 0)
    begin_replay(store, replace(PLAN, first=1, last=9 + KEPT_VERSIONS))
    for week in (1, 2):
        publish_version(store, version(week, f"r{week}", 90 + week), 0, 9 + KEPT_VERSIONS)
    dropped = drop_old_versions(store, "r2")

    assert dropped == ["r1"]
    assert {"r2", "v17"} <= {known.version for known in read_versions(store)}


def test_after_a_replay_each_of_the_newest_weeks_has_its_new_version_and_the_last_replaced_one_stays(
    store: Store,
) -> None:
    weeks = range(1, KEPT_VERSIONS + 3)
    for week in weeks:
        publish_version(store, version(week), 0)
    begin_replay(store, replace(PLAN, first=1, last=weeks[-1]))
    for week in weeks:
        publish_version(store, version(week, f"r{week}", 90 + week), 0, weeks[-1])
        drop_old_versions(store, f"r{week}")

    newest = {f"r{week}" for week in weeks[2:]}
    assert {known.version for known in read_versions(store)} == newest | {f"v{weeks[-1]}"}
