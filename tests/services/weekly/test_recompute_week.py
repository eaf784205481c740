"""The weekly job through the real store: known numbers, order, weeks."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from dog.core.iso_weeks import parse_week
from dog.services.data.import_rows import import_rows
from dog.services.feedback.record_feedback import record_feedback, retract_feedback
from dog.services.lists.list_request import ListRequest
from dog.services.lists.recommend import recommend
from dog.services.lists.snapshot import Snapshots
from dog.services.pairs.read_multipliers import read_multipliers
from dog.services.runtime import Runtime
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.decisions import KeptDecision, write_decisions
from dog.storage.multiplier_versions import due_weeks
from dog.storage.store import Store
from tests.conftest import Clock

START = datetime(2026, 11, 9, 8, 0, tzinfo=UTC)  # Monday of 2026-W46


def outcome(number: int, kind: str, product: str, contact: str = "c1", **more: Any) -> dict[str, Any]:
    at = START + timedelta(minutes=number)
    return {
        "event_id": f"e{number:04}",
        "type": kind,
        "contact_id": contact,
        "product_id": product,
        "occurred_at": at.isoformat(),
        **more,
    }


def pitched(wins: int, pitches: int, product: str, contact: str = "c1", first: int = 0) -> list[dict[str, Any]]:
    """Write that many pitches, each won or lost an instant later."""
    events = []
    for number in range(pitches):
        kind = "win" if number < wins else "loss"
        events += [
            outcome(first + 2 * number, "pitch", product, contact),
            outcome(first + 2 * number + 1, kind, product, contact),
        ]
    return events


def rows(runtime: Runtime, policy: str = "recommended") -> dict[tuple[str, str], dict[str, Any]]:
    found = read_multipliers(
        runtime, "default", contact_id=None, product_id=None, policy=policy, cursor=None, limit=1000
    )
    return {(row["contact_id"], row["product_id"]): row for row in found["items"]}


def test_counts_and_rates_of_a_pair_are_exact(runtime: Runtime, store: Store) -> None:
    record_feedback(store, pitched(1, 1, "p1"), runtime.clock())
    run_recompute(runtime, "default")
    row = rows(runtime)["c1", "p1"]
    product_rate = (50 * (2 / 11) + 1) / 51  # one product: strength 50, global rate (1 + 1) / (1 + 10)

    assert (row["pitches"], row["wins"], row["losses"], row["pending"]) == (1, 1, 0, 0)
    assert row["prior"] == pytest.approx(product_rate, abs=1e-12)
    assert row["win_rate"] == pytest.approx((20 * product_rate + 1) / 21, abs=1e-12)
    assert row["arm"] * row["explore"] * row["step"] == pytest.approx(row["multiplier"], rel=1e-12)
    assert row["odds"] == row["multiplier"] <= 1.25  # the largest step of one week


def test_the_published_profile_gives_the_published_example(runtime: Runtime, store: Store) -> None:
    record_feedback(store, pitched(9, 10, "p1"), runtime.clock())
    run_recompute(runtime, "default")
    row = rows(runtime, "published")["c1", "p1"]

    assert row["win_rate"] == 0.9
    assert row["arm"] == pytest.approx(1.8, abs=1e-12)
    assert row["multiplier"] == pytest.approx(1.8, abs=1e-12)


def lap(store: Store, number: int, contact: str = "c1") -> KeptDecision:
    return KeptDecision(
        decision_id=f"d{number}",
        request=b"12345678",
        contact=store.tenant.contact(contact),
        week="2026-W46",
        content=b"{}",
    )


def test_five_hundred_and_one_laps_damp_the_published_example(runtime: Runtime, store: Store) -> None:
    record_feedback(store, pitched(9, 10, "p1"), runtime.clock())
    write_decisions(store, [lap(store, number) for number in range(501)])
    run_recompute(runtime, "default")
    published, recommended = rows(runtime, "published")["c1", "p1"], rows(runtime)["c1", "p1"]

    assert published["recursions"] == 1
    assert published["arm"] == pytest.approx(0.18, abs=1e-12)
    assert recommended["evidence_wins"] == pytest.approx(9 * 0.1**0.5, abs=1e-12)
    assert recommended["evidence_pitches"] == pytest.approx(10 * 0.1**0.5, abs=1e-12)


def test_at_most_one_recursion_is_applied_a_job(runtime: Runtime, store: Store, clock: Clock) -> None:
    record_feedback(store, pitched(1, 2, "p1"), runtime.clock())
    write_decisions(store, [lap(store, number) for number in range(1001)])
    run_recompute(runtime, "default")
    first = rows(runtime)["c1", "p1"]["recursions"]
    clock.set("2026-11-24T00:00:00")
    run_recompute(runtime, "default")

    assert (first, rows(runtime)["c1", "p1"]["recursions"]) == (1, 2)


def test_any_order_repetition_and_batching_gives_the_same_numbers_bit_for_bit(runtime: Runtime, store: Store) -> None:
    events = [
        *pitched(1, 3, "p1"),
        *pitched(0, 2, "p2", first=20),
        *pitched(2, 2, "p1", "c2", first=40),
        outcome(60, "win", "p2", "c2"),
        outcome(61, "win", "p1", pitch_id="e0004"),
    ]
    seen = []
    for tenant, order in zip(("t1", "t2", "t3"), (events, events[::-1], events[3:] + events + events[:5]), strict=True):
        own = runtime.store(tenant, create=True)
        for chunk in itertools.batched(order, 4) if hasattr(itertools, "batched") else [order[:7], order[7:]]:
            record_feedback(own, list(chunk), runtime.clock())
        run_recompute(runtime, tenant)
        found = read_multipliers(
            runtime, tenant, contact_id=None, product_id=None, policy="recommended", cursor=None, limit=100
        )
        seen.append(
            sorted((r["contact_id"], r["product_id"], r["wins"], r["pitches"], r["multiplier"]) for r in found["items"])
        )

    assert seen[0] == seen[1] == seen[2]


def test_a_version_sees_only_what_occurred_by_its_weeks_end(runtime: Runtime, store: Store, clock: Clock) -> None:
    late = {**outcome(0, "win", "p1"), "occurred_at": "2026-11-17T09:00:00Z"}
    record_feedback(store, [outcome(1, "pitch", "p1"), late], runtime.clock())
    run_recompute(runtime, "default")
    before = rows(runtime)["c1", "p1"]
    clock.set("2026-11-24T00:00:00")
    run_recompute(runtime, "default")
    after = rows(runtime)["c1", "p1"]

    assert (before["wins"], before["pending"]) == (0, 1)
    assert (after["wins"], after["pending"]) == (1, 0)


def test_every_missed_week_is_published_in_order_and_once(runtime: Runtime, store: Store, clock: Clock) -> None:
    record_feedback(store, pitched(1, 2, "p1"), runtime.clock())
    clock.set("2026-12-16T09:00:00")
    results = run_recompute(runtime, "default")

    assert [result.week for result in results] == ["2026-W46", "2026-W47", "2026-W48", "2026-W49", "2026-W50"]
    assert run_recompute(runtime, "default") == []


def test_the_named_week_is_the_last_one_published(runtime: Runtime, store: Store, clock: Clock) -> None:
    record_feedback(store, pitched(1, 2, "p1"), runtime.clock())
    clock.set("2026-12-16T09:00:00")
    run_recompute(runtime, "default", "2026-W47")

    assert due_weeks(store, runtime.clock(), UTC) == [
        parse_week("2026-W48"),
        parse_week("2026-W49"),
        parse_week("2026-W50"),
    ]


def test_a_pending_pitch_matures_into_a_loss_and_a_late_win_takes_it_back(
    runtime: Runtime, store: Store, clock: Clock
) -> None:
    record_feedback(store, [outcome(0, "pitch", "p1")], runtime.clock())
    clock.set("2027-03-01T09:00:00")
    run_recompute(runtime, "default")
    matured = rows(runtime)["c1", "p1"]
    record_feedback(store, [{**outcome(1, "win", "p1"), "occurred_at": "2027-03-01T08:00:00Z"}], runtime.clock())
    clock.set("2027-03-09T09:00:00")
    run_recompute(runtime, "default")
    won = rows(runtime)["c1", "p1"]

    assert (matured["pitches"], matured["losses"], matured["pending"]) == (1, 1, 0)
    assert (won["pitches"], won["wins"], won["losses"]) == (1, 1, 0)


def test_a_retracted_win_is_as_if_it_had_never_come(runtime: Runtime, store: Store) -> None:
    record_feedback(store, [outcome(0, "pitch", "p1"), outcome(1, "win", "p1")], runtime.clock())
    retract_feedback(store, "e0001")
    run_recompute(runtime, "default")
    row = rows(runtime)["c1", "p1"]

    assert (row["pitches"], row["wins"], row["pending"]) == (1, 0, 1)


def test_a_dry_run_publishes_nothing_and_names_the_movers(runtime: Runtime, store: Store) -> None:
    record_feedback(store, pitched(1, 1, "p1"), runtime.clock())
    results = run_recompute(runtime, "default", dry_run=True)

    assert results[0].outcome == "dry run"
    after = [move.after for move in results[0].movers]
    assert rows(runtime) == {}
    run_recompute(runtime, "default")
    assert after == [rows(runtime)["c1", "p1"]["multiplier"]]
    assert after[0] > 1.1


def test_a_product_without_pair_evidence_lends_its_rate_to_the_unpitched(runtime: Runtime, store: Store) -> None:
    record_feedback(store, pitched(30, 40, "good") + pitched(0, 40, "bad", first=100), runtime.clock())
    run_recompute(runtime, "default")
    snapshot = runtime.shared(Snapshots).current(store)
    multiplied = snapshot.policies["recommended"].multipliers
    numbers = snapshot.catalogue.numbers

    assert multiplied is not None
    assert multiplied.baseline[numbers["good"]] > 1 > multiplied.baseline[numbers["bad"]]


def test_a_pair_without_feedback_is_told_as_its_product_with_its_own_contact_s_recursions(
    runtime: Runtime, store: Store
) -> None:
    scores = [
        {"contact_id": contact, "product_id": "p1", "model": "cf", "score": 0.5, "as_of": "2026-11-01"}
        for contact in ("c2", "c3")
    ]
    import_rows(store, "contacts", [{"contact_id": "c2"}, {"contact_id": "c3"}], runtime.settings.zone)
    import_rows(store, "scores", scores, runtime.settings.zone)
    record_feedback(store, [*pitched(2, 3, "p1"), outcome(60, "pitch", "p2", "c3")], runtime.clock())
    write_decisions(store, [lap(store, number, "c3") for number in range(501)])
    run_recompute(runtime, "default")
    told = [
        orjson.loads(recommend(runtime, "default", ListRequest(contact, dry_run=True)).body)["items"][0]["factors"]
        for contact in ("c2", "c3")
    ]
    first, second = (factors["performance"] for factors in told)

    assert (first.pop("recursions"), second.pop("recursions")) == (0, 1)
    assert first == second
    assert first["pitches"] == 0
    assert first["multiplier"] > 1
