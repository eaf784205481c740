"""Whole contacts are written by calls of bounded size, each contact once."""

from dataclasses import replace

import numpy as np
import pytest

from dog.core.records import OUTCOME, VERDICT
from dog.errors import StoreUnavailable
from dog.storage import write_history as module
from dog.storage.backfill_fence import raise_fence
from dog.storage.erasure import write_tombstone
from dog.storage.store import Store
from dog.storage.write_history import WholeContacts, write_history

NOW_MS = 1_795_000_000_000


def contacts_of(store: Store, count: int, size: int) -> WholeContacts:
    """Return contacts of partition 0 with some pitches each."""
    digests = [bytes([0, 0, 0, 0, number]).ljust(16, b"x") for number in range(count)]
    events = count * size
    outcomes = np.zeros(events, OUTCOME)
    outcomes["event"], outcomes["type"] = np.arange(1, events + 1), 4
    return WholeContacts(
        partition=0,
        contacts=digests,
        records=[b'{"contact_id":"c%d"}' % number for number in range(count)],
        starts=np.arange(count) * size,
        at_ms=np.full(events, NOW_MS - 1000),
        product=np.zeros(events, np.uint32),
        kind=np.full(events, 4, np.uint8),
        digests=outcomes["event"].copy(),
        entries=[b'["e",4,1,"p1",{}]'] * events,
        is_outcome=np.ones(events, bool),
        outcomes=outcomes,
        verdicts=np.zeros(0, VERDICT),
    )


@pytest.fixture
def holder(store: Store) -> Store:
    """Hold the fence."""
    holder = replace(store, load="l1")
    raise_fence(holder)
    return holder


@pytest.mark.parametrize("events_a_call", [1, 7, 2_000])
def test_arrivals_run_on_over_the_calls(holder: Store, monkeypatch: pytest.MonkeyPatch, events_a_call: int) -> None:
    monkeypatch.setattr(module, "EVENTS_PER_CALL", events_a_call)
    history, keys = contacts_of(holder, 30, 5), holder.keys.partition(0)

    assert write_history(holder, history, NOW_MS).all()

    ledgers = b"".join(holder.execute("GET", key) for key in keys.contacts("outcomes", history.contacts))
    assert np.frombuffer(ledgers, OUTCOME)["arrival"].tolist() == list(range(1, 151))
    assert holder.execute("GET", keys.of("arrival")) == b"150"
    assert holder.execute("HGETALL", keys.of("daily", str(NOW_MS // 86_400_000))) == {b"0:4": b"150"}


def test_contacts_that_have_events_are_left(holder: Store) -> None:
    history = contacts_of(holder, 3, 2)
    write_history(holder, history.of(np.array([False, True, False])), NOW_MS)

    assert write_history(holder, history, NOW_MS).tolist() == [True, False, True]
    assert holder.execute("GET", holder.keys.partition(0).of("arrival")) == b"6"


def test_a_call_with_an_erased_contact_writes_nothing_and_leaves_nothing_prepared(holder: Store) -> None:
    history, keys = contacts_of(holder, 3, 2), holder.keys.partition(0)
    write_tombstone(holder, history.contacts[1])

    assert not write_history(holder, history, NOW_MS).any()
    assert holder.execute("EXISTS", keys.of("logged"), *keys.contacts("prepared", history.contacts)) == 0


def test_without_the_fence_nothing_is_written(store: Store) -> None:
    with pytest.raises(StoreUnavailable):
        write_history(replace(store, load="l1"), contacts_of(store, 1, 1), NOW_MS)
