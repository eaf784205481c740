"""Packed events: the same bytes as the arrays that read them."""

import math

import numpy as np
import pytest

from dog.core.events import Attribute, EventType, Trigger
from dog.core.records import OUTCOME, VERDICT
from dog.errors import InvalidInput
from dog.services.feedback.parse_event import parse_event
from dog.storage.event_log import Event, pack_event
from dog.storage.store import Store

NUMBERS = {"p1": 7, "p2": 9}


def test_an_outcome_is_packed_as_numpy_reads_it(store: Store) -> None:
    event = Event(
        event_id="e1",
        type=EventType.WIN,
        contact_id="c1",
        product_id="p1",
        occurred_at_ms=1_763_600_000_123,
        pitch_id="e0",
        score=0.25,
    )
    record = np.frombuffer(pack_event(store, event, NUMBERS), OUTCOME)[0]

    assert record["at"] == 1_763_600_000_123
    assert (record["event"], record["pitch"]) == (store.tenant.digest64("e1"), store.tenant.digest64("e0"))
    assert (record["product"], record["score"], record["type"], record["arrival"]) == (7, 0.25, EventType.WIN, 0)
    assert np.isnan(
        np.frombuffer(
            pack_event(
                store,
                Event(event_id="e", type=EventType.PITCH, contact_id="c", product_id="p1", occurred_at_ms=1),
                NUMBERS,
            ),
            OUTCOME,
        )["score"]
    )


def test_a_verdict_is_packed_as_numpy_reads_it(store: Store) -> None:
    event = Event(
        event_id="e1",
        type=EventType.RESTRUCTURE,
        contact_id="c1",
        product_id="p1",
        occurred_at_ms=5,
        actor_id="rep",
        trigger=Trigger.DISCOMFORT,
        attribute=Attribute.PRODUCT,
        attribute_value="p1",
        replacement="p2",
        score=math.nan,
    )
    record = np.frombuffer(pack_event(store, event, NUMBERS), VERDICT)[0]
    digest64 = store.tenant.digest64

    assert (record["at"], record["event"], record["value"], record["actor"]) == (
        5,
        digest64("e1"),
        digest64("p1"),
        digest64("rep"),
    )
    assert (record["product"], record["substitute"]) == (7, 10)
    assert (record["type"], record["trigger"], record["attribute"]) == (3, 4, 3)


def test_nobody_can_send_what_only_the_archive_writes() -> None:
    document = {
        "event_id": "e",
        "type": "carried",
        "contact_id": "c",
        "product_id": "p",
        "occurred_at": "2026-01-01T00:00:00Z",
    }

    with pytest.raises(InvalidInput, match="type must be one of accept, discard, restructure, pitch, win, loss"):
        parse_event(document, 1 << 60)


def test_an_entry_of_the_log_has_a_score_of_nine_decimals() -> None:
    event = Event(
        event_id="e1", type=EventType.PITCH, contact_id="c1", product_id="p1", occurred_at_ms=5, score=0.12345678949
    )

    assert event.entry() == b'["e1",4,5,"p1",{"s":0.123456789}]'
