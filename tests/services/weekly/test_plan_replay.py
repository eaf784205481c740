"""History that is loaded after its weeks were published counts as if it had come in time."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dog.core.iso_weeks import format_week, parse_week
from dog.errors import InvalidInput, WeekHeld
from dog.services.feedback.record_feedback import record_feedback
from dog.services.job_lease import Interrupted
from dog.services.lists.snapshot import Snapshots
from dog.services.pairs.read_multipliers import list_versions, read_multipliers
from dog.services.runtime import Runtime
from dog.services.weekly.plan_replay import describe_late, plan_replay
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.job_log import list_jobs
from dog.storage.multiplier_versions import read_publications, read_versions, read_weeks
from dog.storage.store import Store
from dog.storage.tenant_settings import set_replay_share
from dog.storage.week_archive import close_weeks
from dog.storage.week_replay import read_replay
from tests.conftest import Clock

FIRST = datetime(2026, 9, 14, 9, 0, tzinfo=UTC)  # Monday of 2026-W38
WEEKS = 9  # up to 2026-W46


def history(weeks: Sequence[int], tag: str = "h") -> list[dict[str, Any]]:
    """In each week c1 and c2 are pitched p1, which c1 always and c2 never buys."""
    events = []
    for week in weeks:
        for contact, kind in (("c1", "win"), ("c2", "loss")):
            at = FIRST + timedelta(weeks=week)
            names = {"contact_id": contact, "product_id": "p1"}
            for place, each in enumerate(("pitch", kind)):
                moment = (at + timedelta(minutes=place)).isoformat()
                events.append({"event_id": f"{tag}{week}{contact}{each}", "type": each, "occurred_at": moment, **names})
    return events


def multipliers(runtime: Runtime, tenant: str = "default") -> dict[tuple[str, str], float]:
    found = read_multipliers(
        runtime, tenant, contact_id=None, product_id=None, policy="recommended", cursor=None, limit=1000
    )
    return {(row["contact_id"], row["product_id"]): row["multiplier"] for row in found["items"]}


def in_force(runtime: Runtime, store: Store) -> str | None:
    return runtime.shared(Snapshots).current(store).version_name


@pytest.fixture
def late(runtime: Runtime, store: Store, clock: Clock) -> Store:
    """Publish two weeks on next to nothing, then load the history of nine."""
    clock.set("2026-11-10T00:00:00")
    record_feedback(store, history([7], "first"), clock())
    run_recompute(runtime, "default")  # 2026-W45
    clock.set("2026-11-17T00:00:00")
    run_recompute(runtime, "default")  # 2026-W46
    record_feedback(store, history(range(WEEKS)), clock())
    return store


def test_history_loaded_late_counts_as_if_it_had_come_in_time(runtime: Runtime, late: Store, clock: Clock) -> None:
    before = multipliers(runtime)
    results = run_recompute(runtime, "default")
    punctual = runtime.store("punctual", create=True)
    record_feedback(punctual, [*history([7], "first"), *history(range(WEEKS))], clock())
    run_recompute(runtime, "punctual")

    assert [result.week for result in results] == [format_week(parse_week("2026-W38") + week) for week in range(WEEKS)]
    assert {result.outcome for result in results} == {"replayed"}
    assert multipliers(runtime) == multipliers(runtime, "punctual") != before
    assert run_recompute(runtime, "default") == []


def test_each_replayed_version_is_named_and_the_newest_are_kept(runtime: Runtime, late: Store) -> None:
    old = read_weeks(late)
    results = run_recompute(runtime, "default")
    kept = {version.version: version.replayed for version in read_versions(late)}

    assert list(read_weeks(late).values()) == [result.version for result in results]
    assert kept[results[-1].version]
    assert old[parse_week("2026-W46")] in kept  # to roll back to
    assert {result.version for result in results[-8:]} < kept.keys()
    assert len(kept) == 9
    assert [version["version"] for version in list_versions(runtime, "default") if version["active"]] == [
        results[-1].version
    ]


def test_the_version_in_force_stays_until_the_replay_reaches_the_latest_week(runtime: Runtime, late: Store) -> None:
    old, seen = in_force(runtime, late), []

    def look(_: float, __: str) -> None:
        seen.append((in_force(runtime, late), multipliers(runtime)))

    results = run_recompute(runtime, "default", report=look)

    assert {version for version, _ in seen} == {old}
    assert all(found == seen[0][1] for _, found in seen)
    assert in_force(runtime, late) == results[-1].version


@pytest.mark.parametrize("stopped_in", [0, 4, WEEKS - 1])
def test_a_replay_that_is_killed_and_run_again_ends_as_one_that_was_not(
    runtime: Runtime, late: Store, clock: Clock, stopped_in: int
) -> None:
    old = (in_force(runtime, late), read_publications(late))
    weeks: set[str] = set()

    def die(share: float, week: str) -> None:
        weeks.add(week)
        if len(weeks) > stopped_in and share * WEEKS - stopped_in > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_recompute(runtime, "default", replay=True, report=die)
    left = (in_force(runtime, late), read_publications(late))
    again = run_recompute(runtime, "default", replay=True)
    punctual = runtime.store("punctual", create=True)
    record_feedback(punctual, [*history([7], "first"), *history(range(WEEKS))], clock())
    run_recompute(runtime, "punctual")

    assert left == old
    assert len(again) == WEEKS - stopped_in
    assert multipliers(runtime) == multipliers(runtime, "punctual")
    assert read_replay(late) is None
    assert not late.redis.exists(late.keys.of("work"))
    kept = {version.version for version in read_versions(late)}
    arrays = {
        str(key).split(":multipliers:")[1].split(":")[0] for key in late.redis.keys("dog:{default:*multipliers:*")
    }
    assert arrays <= kept


def test_a_few_late_events_wait_for_the_next_week_unless_the_tenant_wants_otherwise(
    runtime: Runtime, store: Store, clock: Clock
) -> None:
    clock.set("2026-11-17T00:00:00")
    record_feedback(store, history(range(WEEKS)), clock())
    run_recompute(runtime, "default")
    record_feedback(store, history([4], "late")[:1], clock())
    waits = (describe_late(store, UTC), run_recompute(runtime, "default"))
    set_replay_share(store, 0.0)
    told = describe_late(store, UTC)
    replayed = run_recompute(runtime, "default")

    assert waits[1] == []
    assert waits[0] == (
        "events of published weeks that came late: 1 (2.7% of all); the next week counts them; to replay the weeks "
        "from 2026-W42 on: dog jobs recompute --replay"
    )
    assert told is not None
    assert told.endswith("the next recompute replays the weeks from 2026-W42 on (dog jobs recompute)")
    assert [result.week for result in replayed] == [f"2026-W{week}" for week in range(42, 47)]


def test_a_tenant_may_forbid_replays_and_ask_for_one_itself(runtime: Runtime, late: Store) -> None:
    set_replay_share(late, 1.0)
    alone, refused = run_recompute(runtime, "default"), run_recompute(runtime, "default", replay=False)
    asked = run_recompute(runtime, "default", replay="2026-W44")

    assert (alone, refused) == ([], [])
    assert [result.week for result in asked] == ["2026-W44", "2026-W45", "2026-W46"]


def test_due_weeks_are_published_on_top_of_the_replayed(runtime: Runtime, late: Store, clock: Clock) -> None:
    clock.set("2026-12-02T00:00:00")
    results = run_recompute(runtime, "default")
    job = list_jobs(late)[0]

    assert [result.outcome for result in results] == ["replayed"] * WEEKS + ["published"] * 2
    assert (job.counts["weeks"], job.counts["replayed"], job.parameters["replay"]) == (WEEKS + 2, WEEKS, None)


def test_a_replay_goes_on_from_the_version_before_if_that_is_kept(runtime: Runtime, late: Store) -> None:
    run_recompute(runtime, "default")
    whole = multipliers(runtime)
    plan = plan_replay(late, parse_week("2026-W45"), runtime.clock(), UTC)
    assert plan is not None
    run_recompute(runtime, "default", replay="2026-W45")

    assert plan.base == read_weeks(late)[parse_week("2026-W44")]
    assert multipliers(runtime) == whole
    assert plan_replay(late, parse_week("2026-W39"), runtime.clock(), UTC).base is None  # type: ignore[union-attr]  # not kept


def test_a_held_week_stops_the_replay_and_force_lets_it_go_on(
    runtime: Runtime, late: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = in_force(runtime, late)

    def hold(week: str, *_: Any, force: bool) -> None:
        if week == "2026-W40" and not force:
            raise WeekHeld("unlikely", code="unlikely_week")

    monkeypatch.setattr("dog.services.weekly.recompute_week.check_week", hold)
    with pytest.raises(WeekHeld):
        run_recompute(runtime, "default")
    held = in_force(runtime, late)
    forced = run_recompute(runtime, "default", force=True)

    assert held == old
    assert forced[0].week == "2026-W40"
    assert in_force(runtime, late) == forced[-1].version


def test_archived_weeks_are_not_replayed(runtime: Runtime, late: Store) -> None:
    close_weeks(late, round(datetime(2026, 10, 5, tzinfo=UTC).timestamp() * 1000))  # up to 2026-W40
    results = run_recompute(runtime, "default")

    assert results[0].week == "2026-W41"
    close_weeks(late, round(datetime(2026, 11, 16, tzinfo=UTC).timestamp() * 1000))
    with pytest.raises(InvalidInput, match="archived"):
        run_recompute(runtime, "default", replay="2026-W44")


def test_a_week_that_is_not_published_cannot_be_replayed(runtime: Runtime, store: Store, clock: Clock) -> None:
    with pytest.raises(InvalidInput, match="no week is published yet"):
        run_recompute(runtime, "default", replay="2026-W44")
    clock.set("2026-11-17T00:00:00")
    record_feedback(store, history([0]), clock())
    run_recompute(runtime, "default")
    with pytest.raises(InvalidInput, match=r"2026-W47 is not published; the last that is is 2026-W46"):
        run_recompute(runtime, "default", replay="2026-W47")


def test_a_dry_run_shows_the_first_replayed_week_and_stores_no_plan(runtime: Runtime, late: Store) -> None:
    results = run_recompute(runtime, "default", replay=True, dry_run=True)

    assert [(result.week, result.outcome) for result in results] == [("2026-W38", "dry run")]
    assert read_replay(late) is None


def test_a_replay_that_is_stopped_goes_on_later(runtime: Runtime, late: Store) -> None:
    def stop(_: float, week: str) -> None:
        if week == "2026-W40":
            raise Interrupted("stopped", "asked to")

    stopped = run_recompute(runtime, "default", report=stop)
    rest = run_recompute(runtime, "default")

    assert [result.outcome for result in stopped] == ["replayed", "replayed", "stopped"]
    assert rest[0].week == "2026-W40"


def test_events_that_come_during_a_replay_count_in_the_next(runtime: Runtime, late: Store, clock: Clock) -> None:
    def arrive(_: float, week: str) -> None:
        if week == "2026-W41":
            record_feedback(late, history(range(WEEKS), "meanwhile"), clock())

    run_recompute(runtime, "default", report=arrive)
    first = multipliers(runtime)
    again = run_recompute(runtime, "default")

    assert again[0].week == "2026-W38"
    assert multipliers(runtime) != first
