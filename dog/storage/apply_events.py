"""Events written to their contacts: log entry and ledger record together, each once."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import orjson

from dog.core.triggers import DAY_MS
from dog.storage.daily import daily_key, seconds_kept
from dog.storage.events import Event, ledger_of, pack_event
from dog.storage.ids import tombstone
from dog.storage.round_trip import type_of_argument
from dog.storage.store import Store

MOST_OF_A_GROUP = 2_000
"""Events of one contact and ledger in one call of the script, which can pass some 8,000 arguments on to a command."""
MOST_OF_A_CALL = 500
"""Events from which on a partition's next group goes to another call, so that no call keeps others waiting long."""
MOST_OF_A_TRIP = 5_000
"""Events that are sent at once; of more, some calls are under way while others are packed."""
CALLS_OF_A_PART = 4
UNCOUNTED = (0).to_bytes(2, "big")
"""Place of its day of an event that no day counts."""


def apply_events(store: Store, events: Sequence[Event], numbers: Mapping[str, int], now_ms: int) -> list[int]:
    """Write log entries and ledger records.

    Many events are sent in parts: what comes next is packed while Redis is at work.

    Returns
    -------
    For each event 1 new, 0 applied before, -1 its contact was erased meanwhile.

    """
    answers = [0] * len(events)
    calls = _calls(store, events, numbers, now_ms)

    def send(some: Sequence[_Call]) -> None:
        trip = store.trip()
        for call in some:
            trip.script("apply_events", *call.arguments())
        for call, found in zip(some, trip.send(replicated=True), strict=True):
            for place, answer in zip(call.places, found, strict=True):
                answers[place] = answer

    if len(events) <= MOST_OF_A_TRIP:
        send(list(calls))
        return answers
    with ThreadPoolExecutor(1, "apply-events") as sender:
        sent = [sender.submit(send, some) for some in iter(lambda: list(islice(calls, CALLS_OF_A_PART)), [])]
        for part in sent:
            part.result()
    return answers


def _calls(store: Store, events: Sequence[Event], numbers: Mapping[str, int], now_ms: int) -> Iterator["_Call"]:
    """Pack events, partition by partition."""
    groups: dict[tuple[str, str], list[int]] = {}
    for place, event in enumerate(events):
        groups.setdefault((event.contact_id, ledger_of(event.type)), []).append(place)
    contacts = {contact_id: store.tenant.contact(contact_id) for contact_id, _ in groups}
    by_partition: dict[int, list[tuple[bytes, str, list[int]]]] = {}
    for (contact_id, ledger), places in groups.items():
        contact = contacts[contact_id]
        by_partition.setdefault(store.tenant.partition_number(contact), []).append((contact, ledger, places))
    for partition, own in by_partition.items():
        call = _Call(store, partition, numbers, now_ms)
        for contact, ledger, places in own:
            ordered = _in_order(events, places)
            for start in range(0, len(ordered), MOST_OF_A_GROUP):
                if start or len(call.places) > MOST_OF_A_CALL:
                    yield call
                    call = _Call(store, partition, numbers, now_ms)
                call.add(contact, ledger, ordered[start : start + MOST_OF_A_GROUP], events)
        yield call


def _in_order(events: Sequence[Event], places: list[int]) -> list[int]:
    """Put places in the ledger's order of their events: (occurred_at, event_id)."""
    if len(places) > 1:
        places.sort(key=lambda place: (events[place].occurred_at_ms, events[place].event_id.encode()))
    return places


class _Call:
    """What one call of the script takes: a partition's days, and groups of one contact's events in one ledger."""

    def __init__(self, store: Store, partition: int, numbers: Mapping[str, int], now_ms: int) -> None:
        self.places: list[int] = []
        self._store, self._numbers, self._now_ms = store, numbers, now_ms
        self._keys = store.keys.partition(partition)
        self._days: dict[int, bytes] = {}  # place in the call of each day, 0 where its counts are of no use any more
        self._day_keys: list[bytes] = []
        self._seconds_kept: list[int] = []
        self._group_keys: list[bytes] = []
        self._arguments: list[type_of_argument] = []

    def add(self, contact: bytes, ledger: str, places: Sequence[int], events: Sequence[Event]) -> None:
        """Add a group: events by their places, in the order of the ledger."""
        store, numbers, days = self._store, self._numbers, self._days
        self.places += places
        self._group_keys += (self._keys.contact("log", contact), self._keys.contact(ledger, contact))
        own = [events[place] for place in places]
        records = [pack_event(store, event, numbers) for event in own]
        day_places = [
            (days.get(event.occurred_at_ms // DAY_MS) or self._place_of_day(event.occurred_at_ms))
            if event.product_id
            else UNCOUNTED
            for event in own
        ]
        stub = orjson.dumps({"contact_id": own[0].contact_id})
        self._arguments += (contact, stub, tombstone(store.tenant.secret, contact), len(own))
        self._arguments += (b"".join(day_places), b"".join(records))
        self._arguments += [event.entry() for event in own]

    def _place_of_day(self, at_ms: int) -> bytes:
        kept, place = seconds_kept(at_ms, self._now_ms), UNCOUNTED
        if kept:
            self._day_keys.append(daily_key(self._keys, at_ms))
            self._seconds_kept.append(kept)
            place = len(self._day_keys).to_bytes(2, "big")
        self._days[at_ms // DAY_MS] = place
        return place

    def arguments(self) -> tuple[list[bytes], list[type_of_argument]]:
        """List the keys and the arguments of the script."""
        shared = [self._keys.of(name) for name in ("arrival", "logged", "contacts", "erased")]
        days = [len(self._seconds_kept), *self._seconds_kept]
        return [*shared, *self._day_keys, *self._group_keys], [*days, *self._arguments]
