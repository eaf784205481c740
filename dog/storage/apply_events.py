"""Events written to their contacts: log entry and ledger record together, each once."""

from collections.abc import Mapping, Sequence

import orjson

from dog.core.triggers import DAY_MS
from dog.storage.daily import daily_key, seconds_kept
from dog.storage.events import Event, counted, ledger_of, pack_event
from dog.storage.ids import tombstone
from dog.storage.round_trip import type_of_argument
from dog.storage.store import Store

UNCOUNTED = (0, b"")
"""Place of its day and field in it of an event that no day counts."""


def apply_events(store: Store, events: Sequence[Event], numbers: Mapping[str, int], now_ms: int) -> list[int]:
    """Write log entries and ledger records: 1 new, 0 applied before, -1 its contact was erased meanwhile."""
    groups: dict[tuple[str, str], list[int]] = {}
    for place, event in enumerate(events):
        groups.setdefault((event.contact_id, ledger_of(event.type)), []).append(place)
    calls: dict[int, dict[tuple[bytes, str], list[int]]] = {}
    contacts = {contact_id: store.tenant.contact(contact_id) for contact_id, _ in groups}
    for (contact_id, ledger), places in groups.items():
        contact = contacts[contact_id]
        calls.setdefault(store.tenant.partition_number(contact), {})[contact, ledger] = _in_order(events, places)
    trip = store.trip()
    for partition, own in calls.items():
        call = _Call(store, partition, numbers, now_ms)
        for (contact, ledger), places in own.items():
            call.add(contact, ledger, [events[place] for place in places])
        trip.script("apply_events", *call.arguments())
    answers = [0] * len(events)
    for own, found in zip(calls.values(), trip.send(replicated=True), strict=True):
        for place, answer in zip((place for places in own.values() for place in places), found, strict=True):
            answers[place] = answer
    return answers


def _in_order(events: Sequence[Event], places: list[int]) -> list[int]:
    """Put places in the ledger's order of their events: (occurred_at, event_id)."""
    if len(places) > 1:
        places.sort(key=lambda place: (events[place].occurred_at_ms, events[place].event_id.encode()))
    return places


class _Call:
    """What one call of the script takes: a partition's days, and groups of one contact's events in one ledger."""

    def __init__(self, store: Store, partition: int, numbers: Mapping[str, int], now_ms: int) -> None:
        self._store, self._numbers, self._now_ms = store, numbers, now_ms
        self._keys = store.keys.partition(partition)
        self._days: dict[int, tuple[int, int]] = {}  # place in the call, seconds kept, by day
        self._day_keys: list[bytes] = []
        self._group_keys: list[bytes] = []
        self._arguments: list[type_of_argument] = []

    def add(self, contact: bytes, ledger: str, events: Sequence[Event]) -> None:
        """Add a group, its events in the order of the ledger."""
        store, numbers = self._store, self._numbers
        self._group_keys += (self._keys.contact("log", contact), self._keys.contact(ledger, contact))
        stub = orjson.dumps({"contact_id": events[0].contact_id})
        self._arguments += (contact, stub, tombstone(store.tenant.secret, contact), len(events))
        for event in events:
            record = pack_event(store, event, numbers)
            self._arguments += (record[8:16], event.entry(), record, *self._counted(event))

    def _counted(self, event: Event) -> tuple[int, bytes]:
        product = self._numbers.get(event.product_id or "", -1)
        day = event.occurred_at_ms // DAY_MS
        if day not in self._days:
            kept = seconds_kept(event.occurred_at_ms, self._now_ms)
            if kept:
                self._day_keys.append(daily_key(self._keys, event.occurred_at_ms))
            self._days[day] = (len(self._day_keys) if kept else 0, kept)
        place, _ = self._days[day]
        return (place, counted(product, event.type)) if place and product >= 0 else UNCOUNTED

    def arguments(self) -> tuple[list[bytes], list[type_of_argument]]:
        """List the keys and the arguments of the script."""
        kept = [seconds for _, seconds in self._days.values() if seconds]
        shared = [self._keys.of(name) for name in ("arrival", "logged", "contacts", "erased")]
        return [*shared, *self._day_keys, *self._group_keys], [len(kept), *kept, *self._arguments]
