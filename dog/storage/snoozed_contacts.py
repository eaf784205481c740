"""Contacts with a product at rest: what a process must know of contacts it cannot read while Redis is away."""

from collections.abc import Sequence

from dog.core.events import EventType
from dog.core.verdicts.triggers import DAY_MS, SNOOZE_DAYS
from dog.storage.event_log import Event
from dog.storage.store import Store

PUT_TO_REST = frozenset({EventType.DISCARD, EventType.RESTRUCTURE})


def note_resting(store: Store, events: Sequence[Event], now_ms: int) -> None:
    """Note the contacts of discards and restructures until their rest ends; harmless when repeated."""
    members: list[bytes | int] = []
    for event in events:
        if event.type not in PUT_TO_REST:
            continue
        until_ms = event.occurred_at_ms + SNOOZE_DAYS * DAY_MS
        if until_ms > now_ms:
            members += (until_ms, store.tenant.contact(event.contact_id))
    if members:
        trip = store.trip()
        trip.add("ZREMRANGEBYSCORE", store.keys.of("resting"), "-inf", now_ms)
        trip.add("ZADD", store.keys.of("resting"), "GT", *members)
        trip.send()


def read_resting(store: Store, now_ms: int) -> frozenset[bytes]:
    """Read the contacts whose rest has not ended."""
    trip = store.trip()
    trip.add("ZRANGEBYSCORE", store.keys.of("resting"), now_ms, "+inf")
    return frozenset(trip.send()[0])
