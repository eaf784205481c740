"""What an erasure finds without reading what belongs to others: decisions, and claims that no log has."""

import re
from typing import Any

import pytest

from dog.core.iso_weeks import WEEK_MS, week_of
from dog.services.data.erase import erase
from dog.services.feedback.record_feedback import claim_feedback, record_feedback
from dog.services.lists.decision_writer import DecisionWriter
from dog.services.lists.list_request import ListRequest
from dog.services.lists.recommend import recommend
from dog.services.runtime import Runtime
from dog.storage.claims import find_claimed
from dog.storage.contact_lists import (
    LISTED_FROM,
    LISTED_SECONDS,
    RETENTION_SECONDS,
    find_decision_keys,
    forget_calls,
    forget_decisions,
    forget_event_ids,
)
from dog.storage.decisions import KeptDecision, write_decisions, write_new_decisions
from dog.storage.store import Store
from tests.commands import recorded_commands
from tests.conftest import Clock, event

PARTITION = re.compile(r"dog:\{default:(\d+)\}:(\S+)")


def decision(store: Store, name: str, contact: str, week: str = "2026-W47") -> KeptDecision:
    return KeptDecision(
        decision_id=name, request=bytes(8), contact=store.tenant.contact(contact), week=week, content=b"{}"
    )


def found(runtime: Runtime, store: Store, contact: str) -> list[bytes]:
    now_ms = runtime.clock()
    return find_decision_keys(store, store.tenant.contact(contact), week_of(now_ms, runtime.settings.zone), now_ms)


@pytest.mark.parametrize("write", [write_new_decisions, write_decisions])
def test_each_decision_is_listed_with_its_contact(runtime: Runtime, store: Store, write: Any) -> None:
    write(store, [decision(store, "d1", "c1"), decision(store, "d2", "c2"), decision(store, "d3", "c1", "2026-W43")])

    assert len(found(runtime, store, "c1")) == 2
    assert len(found(runtime, store, "c2")) == 1
    assert found(runtime, store, "c3") == []
    for key in store.redis.scan_iter("*decided*"):
        assert RETENTION_SECONDS + WEEK_MS // 1000 < int(store.redis.ttl(key)) <= LISTED_SECONDS


def test_an_id_that_another_contact_used_first_is_not_that_of_the_second(runtime: Runtime, store: Store) -> None:
    write_decisions(store, [decision(store, "d1", "c1")])
    write_decisions(store, [decision(store, "d1", "c2")])

    assert [len(found(runtime, store, contact)) for contact in ("c1", "c2")] == [1, 0]


def test_forgotten_decisions_are_no_longer_listed(runtime: Runtime, store: Store) -> None:
    write_decisions(store, [decision(store, "d1", "c1"), decision(store, "d2", "c2")])
    forget_decisions(store, store.tenant.contact("c1"), week_of(runtime.clock(), runtime.settings.zone))

    assert [len(found(runtime, store, contact)) for contact in ("c1", "c2")] == [0, 1]


def test_claims_of_calls_that_were_cut_off_are_found(runtime: Runtime, store: Store) -> None:
    for number in range(3):  # the first two calls never get to their logs
        claim_feedback(store, [event(f"cut{number}", "pitch", contact_id=f"c{number % 2}")], runtime.clock(), None)
    for number in range(30):
        record_feedback(store, [event(f"e{number}", "pitch")], runtime.clock())
    forgotten = forget_event_ids(store, store.tenant.contact("c0"), ["e1", "unknown"], 0)

    assert forgotten == 2
    assert find_claimed(store, ["cut0", "cut1", "cut2", "e1"]) == {"cut1", "e1"}
    assert store.execute("HLEN", store.keys.of("claiming")) == 2  # the cut call of c1, and that of all that ended


def test_notes_of_calls_go_with_their_weeks(runtime: Runtime, store: Store) -> None:
    claim_feedback(store, [event("cut", "pitch")], runtime.clock(), None)
    week = int(runtime.clock() // WEEK_MS)
    forget_calls(store, week - 1)
    kept = store.execute("HLEN", store.keys.of("claiming"))
    forget_calls(store, week + 2)

    assert (kept, store.execute("HLEN", store.keys.of("claiming"))) == (1, 0)


def test_data_from_before_the_lists_are_found_by_reading_all(runtime: Runtime, store: Store, clock: Clock) -> None:
    record_feedback(store, [event("e1", "pitch"), event("e2", "pitch", contact_id="c2")], runtime.clock())
    write_decisions(store, [decision(store, "d1", "c1"), decision(store, "d2", "c2")])
    for key in [*store.redis.scan_iter("*decided*"), store.keys.of("claiming")]:
        store.redis.delete(key)
    store.execute("HSET", store.keys.of("head"), LISTED_FROM, clock.now_ms)
    forgotten = forget_event_ids(store, store.tenant.contact("c1"), [], 0)

    assert len(found(runtime, store, "c1")) == 1
    assert forgotten == 1
    assert find_claimed(store, ["e1", "e2"]) == {"e2"}


def test_an_erasure_reads_only_what_is_the_contact_s(runtime: Runtime, loaded: Store) -> None:
    """So it takes as many commands however many contacts, events and decisions the tenant has."""
    runtime.wait = lambda _: None
    taken = []
    for gone, others in (("c1", 5), ("c2", 80)):
        for contact in (gone, *(f"o{n}" for n in range(others))):
            record_feedback(
                loaded, [event(f"{contact}-{n}", "pitch", contact_id=contact) for n in range(3)], runtime.clock()
            )
            recommend(runtime, "default", ListRequest(contact))
        runtime.shared(DecisionWriter).flush()
        own = {loaded.tenant.partition_number(loaded.tenant.contact(gone))}
        with recorded_commands(runtime.redis) as commands:
            told = erase(runtime, "default", gone)
        assert (told["erased"]["events"], told["erased"]["decisions"]) == (3, 1)
        keys = {match for words in commands for match in PARTITION.findall(" ".join(words))}
        others_keys = [name for partition, name in keys if int(partition) not in own]
        assert {name.split(":")[0] for name in others_keys} <= {"ids", "decision"}
        assert len(others_keys) <= 4
        taken.append(len(commands))

    assert taken[1] <= taken[0]
