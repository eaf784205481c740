"""The newest events of contacts: bounded, newest first, without what was taken back."""

from typing import Any

import pytest

from dog.services.feedback.record_feedback import record_feedback, retract_feedback
from dog.storage.newest_events import read_newest_events
from dog.storage.store import Store
from tests.conftest import NOW, event

NOW_MS = round(NOW.timestamp() * 1000)


def send(store: Store, *events: dict[str, Any]) -> None:
    results = record_feedback(store, list(events), NOW_MS)
    assert {result.status for result in results} == {"accepted"}


def newest(store: Store, most: int, *contact_ids: str) -> dict[str, list[str]]:
    contacts = {contact_id: store.tenant.contact(contact_id) for contact_id in contact_ids}
    found = read_newest_events(store, contacts, most)
    return {contact_id: [one.event_id for one in events] for contact_id, events in found.items()}


@pytest.fixture
def told(store: Store) -> Store:
    """Record three outcomes and two verdicts of one contact, one of another."""
    send(store, event("w1", "pitch", occurred_at="2026-11-18T10:00:00Z"))
    send(store, event("w2", "win", occurred_at="2026-11-19T10:00:00Z"))
    send(store, event("v1", "accept", occurred_at="2026-11-17T10:00:00Z"), event("v2", "discard"))
    send(store, event("w3", "loss", "p2"), event("o1", "accept", contact_id="c2"))
    return store


def test_events_of_both_ledgers_come_newest_first(told: Store) -> None:
    assert newest(told, 9, "c1", "c2", "nobody") == {"c1": ["w3", "v2", "w2", "w1", "v1"], "c2": ["o1"], "nobody": []}


def test_no_more_of_each_ledger_are_read_than_asked_for(told: Store) -> None:
    assert newest(told, 1, "c1") == {"c1": ["w3", "v2"]}


def test_a_retracted_event_is_left_out(told: Store) -> None:
    retract_feedback(told, "v2")

    assert newest(told, 2, "c1") == {"c1": ["w3", "w2", "v1"]}
