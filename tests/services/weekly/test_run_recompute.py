"""The weekly job through the real store: sanity gate, frozen input, kills, lease and history."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dog.core.iso_weeks import parse_week
from dog.errors import WeekHeld
from dog.services.data.import_rows import import_rows
from dog.services.feedback.record_feedback import record_feedback
from dog.services.job_lease import Interrupted
from dog.services.pairs.read_multipliers import read_multipliers
from dog.services.policies.policy_store import policies_by_name
from dog.services.runner import LocalRunner
from dog.services.runtime import Runtime
from dog.services.weekly.recompute_week import WeekResult, recompute_week
from dog.services.weekly.run_recompute import run_recompute
from dog.storage import ledgers
from dog.storage.job_log import list_jobs, read_job, take_lease
from dog.storage.multiplier_versions import read_weeks
from dog.storage.store import Store
from tests.conftest import Clock

START = datetime(2026, 11, 9, 8, 0, tzinfo=UTC)  # Monday of 2026-W46
CONTACTS = 300
PRODUCTS = 4


def week_of_pitches(number: int, won: Any) -> list[dict[str, Any]]:
    """Pitch every pair once in a week, won where `won` says so."""
    events = []
    for pair in range(CONTACTS * PRODUCTS):
        at = START + timedelta(weeks=number, seconds=2 * pair)
        names = {"contact_id": f"c{pair // PRODUCTS}", "product_id": f"p{pair % PRODUCTS}"}
        kind = "win" if won(pair) else "loss"
        events += [
            {"event_id": f"w{number}-{pair}", "type": "pitch", "occurred_at": at.isoformat(), **names},
            {
                "event_id": f"w{number}-{pair}o",
                "type": kind,
                "occurred_at": (at + timedelta(seconds=1)).isoformat(),
                **names,
            },
        ]
    return events


def load(store: Store, events: list[dict[str, Any]], now_ms: int) -> None:
    for start in range(0, len(events), 1000):
        record_feedback(store, events[start : start + 1000], now_ms)


def recompute(runtime: Runtime, store: Store, now_ms: int, **options: Any) -> WeekResult:
    policies, runner = policies_by_name(store), LocalRunner(runtime)
    return recompute_week(
        store, policies, parse_week("2026-W46"), runner=runner, zone=UTC, now_ms=now_ms, token=1, **options
    )


def all_rows(runtime: Runtime) -> list[dict[str, Any]]:
    found = read_multipliers(
        runtime, "default", contact_id=None, product_id=None, policy="recommended", cursor=None, limit=1000
    )
    rows: list[dict[str, Any]] = found["items"]
    return rows


def test_a_week_in_which_all_is_won_is_held_until_somebody_says_it_is_meant(
    runtime: Runtime, store: Store, clock: Clock
) -> None:
    load(store, week_of_pitches(0, lambda pair: pair % 8 == 0), runtime.clock())
    run_recompute(runtime, "default")
    before = all_rows(runtime)
    clock.set("2026-11-24T00:00:00")
    load(store, week_of_pitches(1, lambda _: True), runtime.clock())

    with pytest.raises(WeekHeld, match=r"2026-W47: the win rate of all pitches jumps from 0.1.* --force"):
        run_recompute(runtime, "default")
    assert all_rows(runtime) == before
    assert {job.state for job in list_jobs(store)} == {"failed", "done"}
    run_recompute(runtime, "default", force=True)
    assert max(read_weeks(store)) - min(read_weeks(store)) == 1
    assert all_rows(runtime) != before


def test_an_ordinary_week_passes_the_gate(runtime: Runtime, store: Store, clock: Clock) -> None:
    load(store, week_of_pitches(0, lambda pair: pair % 8 == 0), runtime.clock())
    run_recompute(runtime, "default")
    clock.set("2026-11-24T00:00:00")
    load(store, week_of_pitches(1, lambda pair: pair % 7 == 0), runtime.clock())

    assert [result.outcome for result in run_recompute(runtime, "default")] == ["published"]


def test_a_week_that_lost_its_pairs_is_held(runtime: Runtime, store: Store, clock: Clock) -> None:
    load(store, week_of_pitches(0, lambda pair: pair % 8 == 0), runtime.clock())
    run_recompute(runtime, "default")
    clock.set("2026-11-24T00:00:00")
    for number in range(CONTACTS // 4):
        contact = store.tenant.contact(f"c{number}")
        store.redis.delete(store.tenant.partition(contact).contact("outcomes", contact))

    with pytest.raises(WeekHeld, match="only 900 pairs are left of 1,200"):
        run_recompute(runtime, "default")


def test_events_that_arrive_while_a_week_is_recomputed_count_in_the_next(
    runtime: Runtime, store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = week_of_pitches(0, lambda pair: pair % 8 == 0)
    load(store, events[:400], runtime.clock())
    real = ledgers.read_chunks

    def late(*arguments: Any) -> Any:
        record_feedback(store, events[400:402], runtime.clock())  # once: then they are duplicates
        return real(*arguments)

    monkeypatch.setattr("dog.services.weekly.partition_pass.read_chunks", late)
    recompute(runtime, store, runtime.clock())
    before = len(all_rows(runtime))
    clock.set("2026-11-24T00:00:00")
    run_recompute(runtime, "default")

    assert (before, len(all_rows(runtime))) == (200, 201)


def test_a_run_that_is_killed_and_done_again_gives_the_same_version_though_more_has_arrived(
    runtime: Runtime, store: Store
) -> None:
    events = week_of_pitches(0, lambda pair: pair % 8 == 0)
    load(store, events[:400], runtime.clock())
    intended = recompute(runtime, store, runtime.clock(), dry_run=True).version

    def die(share: float) -> None:
        if share > 0.4:
            raise Interrupted("stopped", "killed here")

    with pytest.raises(Interrupted):
        recompute(runtime, store, runtime.clock(), checkpoint=die)
    load(store, events[400:], runtime.clock())
    result = recompute(runtime, store, runtime.clock())

    assert result.version == intended
    assert result.counts["pairs"] == 200
    assert store.redis.hlen(store.keys.of("work").decode()) == 0


def test_what_a_dead_run_left_behind_is_cleared_away(runtime: Runtime, store: Store) -> None:
    events = week_of_pitches(0, lambda pair: pair % 8 == 0)
    load(store, events[:400], runtime.clock())

    def die(share: float) -> None:
        if share > 0.9:
            raise Interrupted("stopped", "killed here")

    with pytest.raises(Interrupted):
        recompute(runtime, store, runtime.clock(), checkpoint=die)
    store.redis.delete(store.keys.of("cuts"))  # another cut, another version
    load(store, events[400:600], runtime.clock())
    result = recompute(runtime, store, runtime.clock())
    keys = [str(key) for key in store.redis.keys("dog:*:multipliers:*")]

    assert keys
    assert all(result.version in key for key in keys)


def test_a_job_ends_at_a_checkpoint_when_asked_the_next_goes_on(runtime: Runtime, store: Store, clock: Clock) -> None:
    load(store, week_of_pitches(0, lambda pair: pair % 8 == 0), runtime.clock())
    clock.set("2026-12-16T09:00:00")
    weeks: list[str] = []

    def stop_in_the_second(_: float, week: str) -> None:
        weeks.append(week)
        if len(set(weeks)) == 2:
            runtime.stopping.set()

    results = run_recompute(runtime, "default", report=stop_in_the_second)
    runtime.stopping.clear()
    rest = run_recompute(runtime, "default")

    assert [result.outcome for result in results] == ["published", "stopped"]
    assert [result.week for result in rest] == ["2026-W47", "2026-W48", "2026-W49", "2026-W50"]
    assert {job.state for job in list_jobs(store)} == {"done", "stopped"}


def test_a_job_that_is_asked_to_end_while_it_describes_scores_is_stopped(runtime: Runtime, store: Store) -> None:
    score = {"contact_id": "c0", "product_id": "p0", "model": "cf", "score": 0.5, "as_of": "2026-11-01"}
    import_rows(store, "scores", [score], runtime.settings.zone)
    load(store, week_of_pitches(0, lambda pair: pair % 8 == 0)[:10], runtime.clock())
    runtime.stopping.set()

    results = run_recompute(runtime, "default")

    assert [result.outcome for result in results] == ["stopped"]
    assert [job.state for job in list_jobs(store)] == ["stopped"]


def test_a_job_whose_process_died_is_shown_as_lost(runtime: Runtime, store: Store) -> None:
    load(store, week_of_pitches(0, lambda pair: pair % 8 == 0)[:10], runtime.clock())
    seen: list[str] = []

    def look(_: float, __: str) -> None:
        job = list_jobs(store)[0]
        seen.append(job.state)
        store.redis.delete(store.keys.of("lease", "recompute"))
        seen.append(read_job(store, job.job_id).state)

    run_recompute(runtime, "default", report=look)

    assert seen[:2] == ["running", "lost"]


def test_a_run_that_slept_beyond_its_lease_publishes_nothing(runtime: Runtime, store: Store) -> None:
    load(store, week_of_pitches(0, lambda pair: pair % 8 == 0)[:10], runtime.clock())

    def sleep_and_be_overtaken(_: float, __: str) -> None:
        store.redis.delete(store.keys.of("lease", "recompute"))
        take_lease(store, "recompute", "another", 60_000)

    results = run_recompute(runtime, "default", report=sleep_and_be_overtaken)

    assert [result.outcome for result in results] == ["fenced"]
    assert read_weeks(store) == {}
    assert store.redis.get(store.keys.of("lease", "recompute")) == b"another"
