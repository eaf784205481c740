import numpy as np
import pytest

from dog.core.iso_weeks import parse_week, week_of
from dog.errors import InvalidInput
from dog.services.feedback.record_feedback import record_feedback
from dog.services.runtime import Runtime
from dog.storage.multiplier_versions import (
    KEPT_VERSIONS,
    MultiplierVersion,
    activate_multiplier_version,
    drop_old_versions,
    due_weeks,
    publish_version,
    read_baseline,
    read_versions,
    read_weeks,
    record_written_partitions,
    write_baseline,
    written_partitions,
)
from dog.storage.store import Store
from tests.conftest import Clock


def version(week: int, name: str = "") -> MultiplierVersion:
    return MultiplierVersion(
        version=name or f"v{week}",
        week=week,
        published_at_ms=week,
        timezone="UTC",
        policies={"recommended": {}},
        counts={"pairs": 1},
    )


def test_a_week_is_published_once(store: Store) -> None:
    answers = [publish_version(store, version(1), 0), publish_version(store, version(1, "again"), 0)]

    assert answers == ["published", "repeated"]
    assert read_weeks(store) == {1: "v1"}


def test_a_holder_with_an_older_token_publishes_nothing(store: Store) -> None:
    store.redis.set(store.keys.of("fence", "recompute"), 5)

    assert publish_version(store, version(1), 4) == "fenced"
    assert read_versions(store) == []


def test_old_versions_go_but_not_the_active_one(store: Store) -> None:
    for week in range(1, KEPT_VERSIONS + 3):
        publish_version(store, version(week), 0)
        write_baseline(store, f"v{week}", "recommended", np.ones(1))
    activate_multiplier_version(store, "v1")

    assert drop_old_versions(store, "v10") == ["v2"]
    assert read_baseline(store, "v2", "recommended").tolist() == []
    assert read_baseline(store, "v1", "recommended").tolist() == [1.0]


def test_a_run_goes_on_from_the_partitions_written_and_clears_away_those_of_others(store: Store) -> None:
    record_written_partitions(store, "mine", "recommended", [3, 5])
    record_written_partitions(store, "other", "recommended", [7])

    assert written_partitions(store, "mine", "recommended") == {3, 5}
    assert written_partitions(store, "other", "recommended") == set()


def outcome(store: Store, occurred_at: str, now_ms: int) -> None:
    event = {"event_id": occurred_at, "type": "pitch", "contact_id": "c1", "product_id": "p1"}
    assert record_feedback(store, [{**event, "occurred_at": occurred_at}], now_ms)[0].status == "accepted"


def test_no_week_is_due_before_the_first_outcome(runtime: Runtime, store: Store) -> None:
    now, zone = runtime.clock(), runtime.settings.zone
    verdict = {"event_id": "v", "type": "discard", "contact_id": "c1", "product_id": "p1"}
    record_feedback(store, [{**verdict, "occurred_at": "2026-11-02T09:00:00Z"}], now)

    assert due_weeks(store, now, zone) == []


def test_the_week_of_the_first_outcome_is_the_first_that_is_due_once_it_has_ended(
    runtime: Runtime, store: Store, clock: Clock
) -> None:
    outcome(store, "2026-11-20T09:00:00Z", runtime.clock())
    before = due_weeks(store, runtime.clock(), runtime.settings.zone)
    clock.set("2026-11-24T09:00:00")

    assert (before, due_weeks(store, runtime.clock(), runtime.settings.zone)) == ([], [parse_week("2026-W47")])


def test_every_week_after_the_last_published_is_due_up_to_the_one_named(runtime: Runtime, store: Store) -> None:
    now, zone = runtime.clock(), runtime.settings.zone
    current = week_of(now, zone)
    done = MultiplierVersion(version="v", week=current - 4, published_at_ms=0, timezone="UTC", policies={}, counts={})
    publish_version(store, done, 0)

    assert due_weeks(store, now, zone) == [current - 3, current - 2, current - 1]
    assert due_weeks(store, now, zone, current - 3) == [current - 3]


def test_a_week_that_has_not_ended_cannot_be_named(runtime: Runtime, store: Store) -> None:
    now, zone = runtime.clock(), runtime.settings.zone

    with pytest.raises(InvalidInput, match="has not ended"):
        due_weeks(store, now, zone, week_of(now, zone))
