"""Erasure beyond the ordinary: what a kill, an archive or a writer of another worker leaves goes too."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from dog.core.iso_weeks import week_of
from dog.services.data.erase import erase
from dog.services.data.import_rows import import_rows
from dog.services.feedback.parse_event import parse_event
from dog.services.feedback.record_feedback import EventResult, record_feedback
from dog.services.runtime import Runtime
from dog.services.weekly.archive_weeks import archive
from dog.services.weekly.recount import recount
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.claims import claim_ids
from dog.storage.decisions import KeptDecision, write_decisions
from dog.storage.erasure import write_tombstone
from dog.storage.round_trip import RoundTrip
from dog.storage.store import Store
from dog.storage.tenant_dump import dump_keys
from dog.storage.votes import read_votes
from tests.conftest import Clock
from tests.tenant_keys import tenant_keys

GONE, STAYS = "anna@example.com", "ben@example.com"


def event(contact: str, name: str, kind: str = "pitch", day: int = 17) -> dict[str, Any]:
    told = {"event_id": f"{contact}-{name}", "type": kind, "contact_id": contact, "product_id": "p1"}
    market: dict[str, Any] = {"reason": {"trigger": "market"}} if kind == "discard" else {}
    return {**told, "occurred_at": f"2026-11-{day}T10:00:00Z", **market}


def traces_left(store: Store) -> int:
    digest = store.tenant.contact(GONE)
    held = [value for one in dump_keys(store, tenant_keys(store.redis, "default")) for value in one.values]
    return sum(digest in value or GONE.encode() in value for value in held)


@pytest.fixture
def filled(runtime: Runtime, store: Store) -> Store:
    """Fill a tenant with two contacts."""
    runtime.wait = lambda _: None
    import_rows(store, "products", [{"product_id": "p1", "category": "g"}], runtime.settings.zone)
    for contact in (GONE, STAYS):
        record_feedback(store, [event(contact, "a"), event(contact, "b", "discard")], runtime.clock())
    return store


def test_the_ids_of_archived_events_go_too(runtime: Runtime, store: Store, clock: Clock) -> None:
    runtime.wait = lambda _: None
    runtime.settings = replace(runtime.settings, archive_after_weeks=2)
    verdicts = [event(contact, "a", "accept", day=10) for contact in (GONE, STAYS)]
    record_feedback(store, verdicts, runtime.clock())
    run_recompute(runtime, "default")
    clock.set("2026-12-08T00:00:00")
    archive(runtime, "default")
    before = traces_left(store)
    erase(runtime, "default", GONE)

    assert before > 0
    assert traces_left(store) == 0


def test_an_id_claimed_for_an_event_that_never_came_goes_too(runtime: Runtime, filled: Store) -> None:
    claimed = parse_event(event(GONE, "never"), runtime.clock(), None)
    claim_ids(filled, [claimed], [week_of(claimed.occurred_at_ms, runtime.settings.zone)])
    erase(runtime, "default", GONE)

    assert traces_left(filled) == 0


@pytest.mark.parametrize("refused_first", [False, True])
def test_feedback_that_comes_while_a_contact_is_erased_leaves_nothing(
    runtime: Runtime, filled: Store, monkeypatch: pytest.MonkeyPatch, refused_first: bool
) -> None:
    results: list[EventResult] = []

    def refuse(store: Store, contact: bytes) -> None:
        if refused_first:
            write_tombstone(store, contact)
        results.extend(record_feedback(store, [event(GONE, "late", "discard")], runtime.clock()))
        write_tombstone(store, contact)

    monkeypatch.setattr("dog.services.data.erase.write_tombstone", refuse)
    erase(runtime, "default", GONE)

    assert [result.code for result in results] == ["contact_erased" if refused_first else None]
    assert traces_left(filled) == 0
    assert len(read_votes(filled)) == 1


def test_a_decision_written_late_by_another_worker_goes_too(runtime: Runtime, filled: Store) -> None:
    def write(_: float) -> None:
        late = KeptDecision(
            decision_id="late",
            request=bytes(8),
            contact=filled.tenant.contact(GONE),
            week="2026-W47",
            content=b"{}",
        )
        write_decisions(filled, [late])

    runtime.wait = write
    told = erase(runtime, "default", GONE)

    assert told["erased"]["decisions"] == 1
    assert traces_left(filled) == 0


def test_an_erasure_that_died_half_way_is_completed_by_the_next(
    runtime: Runtime, filled: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("dog.services.data.erase.forget_decisions", die)
        with pytest.raises(KeyboardInterrupt):
            erase(runtime, "default", GONE)
    erase(runtime, "default", GONE)

    assert traces_left(filled) == 0
    assert len(read_votes(filled)) == 1


def test_a_refused_event_leaves_the_id_of_another_contact_alone(runtime: Runtime, filled: Store) -> None:
    erase(runtime, "default", GONE)
    stolen = {**event(GONE, "x"), "event_id": f"{STAYS}-a"}
    refused = record_feedback(filled, [stolen], runtime.clock())
    reused = record_feedback(filled, [{**event(STAYS, "a"), "type": "win"}], runtime.clock())

    assert refused[0].code == "contact_erased"
    assert reused[0].code == "event_id_conflict"


def test_repair_loses_no_event_that_comes_while_it_reads(
    runtime: Runtime, filled: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = RoundTrip.send
    came: list[EventResult] = []
    coming = False

    def part(trip: RoundTrip, commands: Sequence[tuple[Any, ...]]) -> list[Any]:
        own = RoundTrip(trip._redis)
        own._scripts = trip._scripts
        for command in commands:
            own.add(*command)
        return send(own)

    def send_with_news(trip: RoundTrip, **options: Any) -> list[Any]:
        nonlocal coming
        commands = trip.commands
        read = [n for n, each in enumerate(commands) if any(b":log:" in word for word in each if type(word) is bytes)]
        if coming or not read:
            return send(trip, **options)
        answers = part(trip, commands[: read[0] + 1])
        coming = True
        came.extend(record_feedback(filled, [event(name, "news") for name in (STAYS, GONE)], runtime.clock()))
        return answers + part(trip, commands[read[0] + 1 :])

    with monkeypatch.context() as patch:
        patch.setattr(RoundTrip, "send", send_with_news)
        differences = recount(runtime, "default", repair=True)

    assert [result.status for result in came] == ["accepted"] * 2
    assert differences == []
    assert recount(runtime, "default") == []
