"""Write events to their contacts: log entry and ledger record together, each once."""

import struct
from collections.abc import Iterator, Mapping, Sequence

import orjson

from dog.core.iso_weeks import DAY_MS
from dog.core.records import OUTCOME, VERDICT
from dog.storage.event_counts import daily_key, retention_seconds
from dog.storage.event_log import Event, ledger_name, pack_event
from dog.storage.ids import tombstone
from dog.storage.load_journal import CONTACTS, journal_key
from dog.storage.round_trip import Argument, RoundTrip
from dog.storage.store import Store
from dog.storage.votes import announce_votes, change_of_votes, pack_vote

MAX_PER_GROUP = 2_000
"""Events of one contact and ledger in one call: a script can pass about 8,000 arguments to a command."""
MAX_PER_CALL = 500
"""A partition's next group goes into another call once a call has more events, so that none blocks Redis for long."""
EVENTS_PER_PART = 100
"""Calls are sent once they have as many events: Redis executes them while the next are packed."""
FULL = -2
"""Answer for an event that a full server has refused."""
UNCOUNTED = 0
"""Day index of an event that is not counted by day."""
RECORD_BYTES = {"outcomes": OUTCOME.itemsize, "verdicts": VERDICT.itemsize}
PACKED_GROUP = struct.Struct("<16s16sHHH")
PACKED_PLACE = struct.Struct("<HI")
PACKED_SECONDS = struct.Struct("<I")
PACKED_VOTE = struct.Struct("<II")


def apply_events(
    store: Store, events: Sequence[Event], numbers: Mapping[str, int], now_ms: int, contacts: Mapping[str, bytes]
) -> list[int]:
    """Write log entries, ledger records and votes of events in any order, whose ids are claimed.

    `numbers` has all products that the events name, `contacts` the digests of their contacts by id. Return for each
    event 1 new, 0 applied before, -1 its contact was erased meanwhile, -2 Redis was full when its turn came. Raise
    `StoreUnavailable` where Redis was full before it wrote any.
    """
    if not events:
        return []
    trip = store.trip()
    answers = [0] * len(events)
    calls: list[_Call] = []
    votes = any(event.vote is not None for event in events)
    if votes:  # first: a vote whose call dies before its last round trip would not be looked for
        trip.add(*announce_votes(store))
    coming = _pack(trip, calls, _calls(store, events, contacts, numbers, now_ms))
    found = trip.send(replicated=True, in_parts=True, coming=coming)[votes:]
    for call, of_call in zip(calls, found, strict=True):
        for index, answer in zip(call.indices, of_call or [FULL] * len(call.indices), strict=True):
            answers[index] = answer
    # Repeated ones too: an earlier call may have died before this. A full Redis would refuse it.
    if votes and FULL not in answers:
        store.execute(*change_of_votes(store))
    return answers


def _pack(trip: RoundTrip, packed: list["_Call"], calls: Iterator["_Call"]) -> Iterator[None]:
    """Add the calls to the round trip and to `packed`, a part at each step."""
    waiting = 0
    for call in calls:
        trip.script("apply_events", *call.arguments())
        packed.append(call)
        waiting += len(call.indices)
        if waiting >= EVENTS_PER_PART:
            waiting = 0
            yield


def _calls(
    store: Store, events: Sequence[Event], contacts: Mapping[str, bytes], numbers: Mapping[str, int], now_ms: int
) -> Iterator["_Call"]:
    """Yield the calls that write the events, partition by partition."""
    groups: dict[tuple[str, str], list[int]] = {}
    for index, event in enumerate(events):
        groups.setdefault((event.contact_id, ledger_name(event.type)), []).append(index)
    of_contacts = ((contacts[contact_id], ledger, indices) for (contact_id, ledger), indices in groups.items())
    by_partition = store.tenant.by_partition((own[0], own) for own in of_contacts)
    for partition, own in by_partition.items():
        call = _Call(store, partition, numbers, now_ms)
        for contact, ledger, indices in own:
            ordered = _in_order(events, indices)
            for start in range(0, len(ordered), MAX_PER_GROUP):
                if start or len(call.indices) > MAX_PER_CALL:
                    yield call
                    call = _Call(store, partition, numbers, now_ms)
                call.add(contact, ledger, ordered[start : start + MAX_PER_GROUP], events)
        yield call


def _in_order(events: Sequence[Event], indices: list[int]) -> list[int]:
    """Sort indices by (occurred_at, event_id) of their events, as the ledger is."""
    if len(indices) > 1:
        indices.sort(key=lambda index: (events[index].occurred_at_ms, events[index].event_id.encode()))
    return indices


class _Call:
    """One call of the script: the days of a partition, and groups of events of one contact and ledger."""

    def __init__(self, store: Store, partition: int, numbers: Mapping[str, int], now_ms: int) -> None:
        self.indices: list[int] = []
        self._store, self._numbers, self._now_ms = store, numbers, now_ms
        self._keys = store.keys.partition(partition)
        self._days: dict[int, int] = {}  # index of each day in the call; 0 if its counts have expired
        self._day_keys: list[bytes] = []
        self._seconds_kept: list[bytes] = []
        self._group_keys: list[bytes] = []
        self._heads: list[bytes] = []
        self._stubs: list[bytes] = []
        self._packed: list[bytes] = []
        self._entries: list[bytes] = []
        self._votes: list[bytes] = []

    def add(self, contact: bytes, ledger: str, indices: Sequence[int], events: Sequence[Event]) -> None:
        """Add the events at some indices, which are in the order of the ledger."""
        store, days = self._store, self._days
        for event in map(events.__getitem__, indices):
            day = UNCOUNTED
            if event.product_id:
                found = days.get(event.occurred_at_ms // DAY_MS)
                day = self._index_of_day(event.occurred_at_ms) if found is None else found
            entry = event.entry()
            self._packed += (PACKED_PLACE.pack(day, len(entry)), pack_event(store, event, self._numbers))
            self._entries.append(entry)
            if (vote := pack_vote(store, event, contact)) is not None:
                self._votes += (PACKED_VOTE.pack(len(self._entries), len(vote)), vote)
        stub = orjson.dumps({"contact_id": events[indices[0]].contact_id})
        tombstone_digest = tombstone(store.tenant.secret, contact)
        self.indices += indices
        self._group_keys += self._keys.of_contact(contact, "log", ledger)
        self._heads.append(PACKED_GROUP.pack(contact, tombstone_digest, len(indices), RECORD_BYTES[ledger], len(stub)))
        self._stubs.append(stub)

    def _index_of_day(self, at_ms: int) -> int:
        kept, index = retention_seconds(at_ms, self._now_ms), UNCOUNTED
        if kept:
            self._day_keys.append(daily_key(self._keys, at_ms))
            self._seconds_kept.append(PACKED_SECONDS.pack(kept))
            index = len(self._day_keys)
        self._days[at_ms // DAY_MS] = index
        return index

    def arguments(self) -> tuple[list[bytes], list[Argument]]:
        """Return the keys and the arguments of the script."""
        shared = [self._keys.of(name) for name in ("arrival", "logged", "contacts", "erased", "wide", "votes")]
        load = self._store.load
        shared += [journal_key(self._keys, load, CONTACTS) if load else shared[2], self._keys.of("backfill")]
        parts = (self._seconds_kept, self._heads, self._stubs, self._packed, self._entries, self._votes)
        return [*shared, *self._day_keys, *self._group_keys], [*(b"".join(part) for part in parts), load]
