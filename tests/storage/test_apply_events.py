"""Events written to their contacts: the ledger's order, the counts of a day, each event once."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from dog.core.events import EventType
from dog.core.iso_weeks import DAY_MS
from dog.core.records import OUTCOME
from dog.storage.apply_events import MAX_PER_GROUP, apply_events
from dog.storage.claims import claim_ids
from dog.storage.event_counts import read_daily_counts
from dog.storage.event_log import Event
from dog.storage.store import Store

NOW_MS = 1_763_600_000_000
NUMBERS = {"p1": 0, "p2": 1}


def pitch(event_id: str, at_ms: int = NOW_MS, contact_id: str = "c", product_id: str = "p1") -> Event:
    return Event(
        event_id=event_id, type=EventType.PITCH, contact_id=contact_id, product_id=product_id, occurred_at_ms=at_ms
    )


def apply(store: Store, events: Sequence[Event]) -> list[int]:
    contacts = {event.contact_id: store.tenant.contact(event.contact_id) for event in events}
    return apply_events(store, events, NUMBERS, NOW_MS, contacts)


def ledger(store: Store, contact_id: str = "c") -> np.ndarray:
    contact = store.tenant.contact(contact_id)
    key = store.tenant.partition(contact).contact("outcomes", contact)
    return np.frombuffer(store.redis.get(key) or b"", OUTCOME)  # type: ignore[arg-type]  # bytes: nothing is decoded


def test_events_that_are_sent_in_several_parts_are_answered_in_their_places(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dog.storage.apply_events.EVENTS_PER_PART", 1)
    events = [pitch(f"e{n}", contact_id=f"c{n % 9}") for n in range(40)]
    apply(store, events[::2])

    assert apply(store, events) == [0, 1] * 20
    assert sum(len(ledger(store, f"c{n}")) for n in range(9)) == 40


def test_a_ledger_is_in_the_order_of_time_and_id_whatever_order_its_events_came_in(store: Store) -> None:
    ids = [f'{letter}"é' for letter in "abcdef"]
    events = [pitch(name, NOW_MS - at) for at in (3, 2, 1) for name in (f"{at}{one}" for one in ids)]
    shuffled = np.random.default_rng(1).permutation(len(events))
    for part in np.array_split(shuffled, 5):
        apply(store, [events[place] for place in part])
    expected = sorted(events, key=lambda event: (event.occurred_at_ms, event.event_id.encode()))

    assert ledger(store)["event"].tolist() == [store.tenant.digest64(event.event_id) for event in expected]
    assert sorted(ledger(store)["arrival"].tolist()) == list(range(1, 19))


def test_many_events_of_one_contact_are_written_once_each(store: Store) -> None:
    events = [pitch(f"e{n:05}") for n in range(MAX_PER_GROUP + 50)]

    assert set(apply(store, events)) == {1}
    assert set(apply(store, events)) == {0}
    assert ledger(store)["event"].tolist() == [store.tenant.digest64(event.event_id) for event in events]


def test_a_day_counts_each_event_once(store: Store) -> None:
    first = [pitch("a"), pitch("b", product_id="p2"), pitch("c", NOW_MS - DAY_MS), pitch("a")]
    second = [pitch("d"), pitch("b", product_id="p2"), pitch("e", contact_id="other")]
    apply(store, first)
    apply(store, second)
    day = NOW_MS // DAY_MS
    today, yesterday = (read_daily_counts(store, one, one, 2)[EventType.PITCH] for one in (day, day - 1))

    assert today[:2].tolist() == [3, 1]
    assert yesterday[:2].tolist() == [1, 0]


def test_a_day_counts_all_pitches_of_a_product_whatever_their_scores(store: Store) -> None:
    events = [replace(pitch(f"e{n}", contact_id=f"c{n % 2}"), score=n / 7) for n in range(6)]
    apply(store, events)

    assert read_daily_counts(store, NOW_MS // DAY_MS, NOW_MS // DAY_MS, 1)[EventType.PITCH].tolist() == [6, 0]


def test_of_one_id_in_one_call_the_first_body_has_it(store: Store) -> None:
    events = [pitch("a"), pitch("b"), pitch("a"), pitch("a", NOW_MS - 1)]

    assert claim_ids(store, events, [0] * 4).answers == [1, 1, 0, -1]
    assert claim_ids(store, [events[3], events[1]], [0, 0]).answers == [-1, 0]


def test_one_id_nine_thousand_times_is_claimed_once(store: Store) -> None:
    events = [
        Event(event_id="e1", type=EventType.PITCH, contact_id="c1", product_id="p1", occurred_at_ms=1)
    ] * 9_000  # more than a script can pass on at once

    assert claim_ids(store, events, [0] * 9_000).answers == [1] + [0] * 8_999


def test_of_no_events_none_is_claimed(store: Store) -> None:
    assert claim_ids(store, [], []).answers == []
