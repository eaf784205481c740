from dataclasses import replace

from dog.core.events import Attribute, EventType, Trigger
from dog.storage.event_log import Event
from dog.storage.quarantine import WaitingEvent, count_waiting, drop_waiting, hold_events, read_waiting, read_waiting_of
from dog.storage.sender import Sender
from dog.storage.store import Store

EVENT = Event(
    event_id="e1",
    type=EventType.DISCARD,
    contact_id="c1",
    product_id="p9",
    occurred_at_ms=5,
    trigger=Trigger.DISCOMFORT,
    attribute=Attribute.CHANNEL,
    attribute_value="call",
    note="no",
    undated=True,
)
WAITING = WaitingEvent(event=EVENT, sender=Sender(key_id="key"))


def test_a_waiting_event_is_read_as_it_was_held(store: Store) -> None:
    answers = hold_events(store, [WAITING])
    (group,) = read_waiting(store)

    assert (answers, group, group[0].event.fingerprint) == ([1], [WAITING], EVENT.fingerprint)


def test_it_is_held_once_and_another_body_is_not_taken(store: Store) -> None:
    other = replace(WAITING, event=replace(EVENT, note="yes"))
    later = replace(WAITING, event=replace(EVENT, occurred_at_ms=9))  # undated: the time is not part of the body

    assert hold_events(store, [WAITING, other, later]) == [1, -1, 0]
    assert [event.note for event in read_waiting_of(store, "c1")] == ["no"]


def test_it_is_dropped_by_its_id(store: Store) -> None:
    hold_events(store, [WAITING])

    assert (drop_waiting(store, ["e1", "e2"]), drop_waiting(store, []), count_waiting(store)) == (1, 0, 0)
