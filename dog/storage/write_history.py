"""Write whole contacts that have no events yet: a back-fill's part of one partition, sorted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from dog.core.iso_weeks import DAY_MS
from dog.core.records import NO_PRODUCT, OUTCOME, VERDICT
from dog.storage.event_counts import daily_key, retention_seconds
from dog.storage.ids import tombstone
from dog.storage.load_journal import CONTACTS, journal_key
from dog.storage.round_trip import Argument, Command, RoundTrip
from dog.storage.store import Store

EVENTS_PER_CALL = 2_000
"""A call has whole contacts, and ends with the one that reaches this many events."""
CALLS_PER_TRIP = 8
PREPARED_SECONDS = 60
"""After that a log goes that was prepared by a process that was killed."""
HEAD = np.dtype(
    [
        ("contact", "V16"),
        ("tombstone", "V16"),
        ("events", "<u4"),
        ("outcomes", "<u4"),
        ("verdicts", "<u4"),
        ("record", "<u4"),
    ]
)
KIND_BITS, DAY_BITS = 3, 40
"""A count's code is its day, product and kind of event: the last two take these bits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeContacts:
    """Events of contacts of one partition, sorted by contact, then by (occurred_at, event_id).

    `starts` has where each contact begins, shape (contacts,); the arrays of events have shape (events,). `outcomes` and
    `verdicts` are the ledger records of the events of each kind, in the same order; arrivals are still 0.
    """

    partition: int
    contacts: Sequence[bytes]  # digests
    records: Sequence[bytes]  # what a contact gets that is not known yet
    starts: np.ndarray
    at_ms: np.ndarray
    product: np.ndarray
    kind: np.ndarray
    digests: np.ndarray  # of the events' ids, `<u8`
    entries: Sequence[bytes]
    is_outcome: np.ndarray
    outcomes: np.ndarray
    verdicts: np.ndarray

    def of(self, chosen: np.ndarray) -> Self:
        """Return the contacts chosen by a mask, shape (contacts,)."""
        if chosen.all():
            return self
        sizes = np.diff(self.starts, append=len(self.entries))
        events = np.repeat(chosen, sizes)
        return replace(
            self,
            contacts=[self.contacts[place] for place in np.flatnonzero(chosen).tolist()],
            records=[self.records[place] for place in np.flatnonzero(chosen).tolist()],
            starts=np.cumsum(sizes[chosen]) - sizes[chosen],
            at_ms=self.at_ms[events],
            product=self.product[events],
            kind=self.kind[events],
            digests=self.digests[events],
            entries=[self.entries[place] for place in np.flatnonzero(events).tolist()],
            is_outcome=self.is_outcome[events],
            outcomes=self.outcomes[events[self.is_outcome]],
            verdicts=self.verdicts[events[~self.is_outcome]],
        )


def write_history(store: Store, history: WholeContacts, now_ms: int) -> np.ndarray:
    """Write contacts with all their events, each once; return whether each is written, shape (contacts,).

    What is not written has events already, or is erased: `apply_events` knows what to do with it. Only the load that
    holds the fence may call this; else `StoreUnavailable` is raised.
    """
    written = np.zeros(len(history.contacts), bool)
    if not history.contacts:
        return written
    is_new = ~_are_known(store, history)
    if not is_new.all():
        written[is_new] = write_history(store, history.of(is_new), now_ms)
        return written
    arrival = int(store.execute("GET", store.keys.partition(history.partition).of("arrival")) or 0)
    calls, stretches = _Calls(store, history, now_ms, arrival), list(_stretches(history))
    for first in range(0, len(stretches), CALLS_PER_TRIP):
        some, trip = stretches[first : first + CALLS_PER_TRIP], store.trip()
        answers = trip.send(replicated=True, coming=calls.add_to(trip, some))
        for contacts in some:
            written[contacts] = answers[calls.places[contacts.start]] == 1
            if not written[contacts.start]:
                store.execute_all(calls.unprepared(contacts))
    return written


def _are_known(store: Store, history: WholeContacts) -> np.ndarray:
    """Return whether each contact has events already, shape (contacts,)."""
    key, contacts = store.keys.partition(history.partition).of("logged"), history.contacts
    known = store.execute_all(
        ("SMISMEMBER", key, *contacts[first : first + EVENTS_PER_CALL])
        for first in range(0, len(contacts), EVENTS_PER_CALL)
    )
    return np.array([flag for flags in known for flag in flags], bool)


def _stretches(history: WholeContacts) -> Iterator[slice]:
    """Yield the contacts of each call."""
    ends = np.append(history.starts[1:], len(history.entries))
    first = 0
    while first < len(ends):
        begin = int(history.starts[first])
        last = int(np.searchsorted(ends, begin + EVENTS_PER_CALL))
        last = min(last + 1, len(ends))
        yield slice(first, last)
        first = last


class _Calls:
    """Makes the arguments of the script; the arrivals run on from call to call."""

    def __init__(self, store: Store, history: WholeContacts, now_ms: int, arrival: int) -> None:
        self.arrival = arrival
        self.places = dict[int, int]()  # in its round trip, of the call that begins with a contact
        self._store, self._history, self._now_ms = store, history, now_ms
        self._keys = store.keys.partition(history.partition)
        names = ("backfill", "arrival", "logged", "contacts", "erased")
        self._shared = [*map(self._keys.of, names), journal_key(self._keys, store.load, CONTACTS)]
        self._ends = np.append(history.starts[1:], len(history.entries))
        self._before = np.concatenate([[0], np.cumsum(history.is_outcome)])  # outcomes before each event
        self._first_day = _first_kept_day(now_ms)

    def add_to(self, trip: RoundTrip, stretches: Sequence[slice]) -> Iterator[None]:
        """Add the calls that write some stretches, one a step."""
        for contacts in stretches:
            for command in self.prepared(contacts):
                trip.add(*command)
            self.places[contacts.start] = trip.script("write_history", *self.arguments(contacts))
            yield

    def arguments(self, contacts: slice) -> tuple[list[bytes], list[Argument]]:
        """Return the keys and the arguments of a call."""
        own, arrival = self._history, self.arrival
        starts, ends = own.starts[contacts], self._ends[contacts]
        events = slice(int(starts[0]), int(ends[-1]))
        first, last = int(self._before[events.start]), int(self._before[events.stop])
        outcomes = own.outcomes[first:last].copy()
        outcomes["arrival"] = np.arange(arrival + 1, arrival + 1 + len(outcomes))
        self.arrival += len(outcomes)
        digests = own.contacts[contacts]
        day_keys, seconds, counted, counts = self._counts(events)
        fixed: list[Argument] = [
            self._store.load,
            arrival,
            self.arrival,
            seconds,
            counted,
            self._heads(contacts, starts, ends),
        ]
        verdicts = own.verdicts[events.start - first : events.stop - last]
        blobs = [outcomes.tobytes(), verdicts.tobytes(), b"".join(own.records[contacts])]
        names = ("log", "outcomes", "verdicts", "prepared")
        own_keys = [key for digest in digests for key in self._keys.of_contact(digest, *names)]
        return [*self._shared, *day_keys, *own_keys], [*fixed, *blobs, *counts]

    def unprepared(self, contacts: slice) -> list[Command]:
        """Return the commands that delete prepared logs."""
        return [("UNLINK", key) for key in self._keys.contacts("prepared", self._history.contacts[contacts])]

    def prepared(self, contacts: slice) -> Iterator[Command]:
        """Yield the commands that prepare the logs: the script renames them."""
        own = self._history
        starts, ends = own.starts[contacts].tolist(), self._ends[contacts].tolist()
        fields = own.digests.view("V8")
        for digest, start, end in zip(own.contacts[contacts], starts, ends, strict=True):
            key = self._keys.contact("prepared", digest)
            yield "UNLINK", key
            for first in range(start, end, EVENTS_PER_CALL):
                last = min(first + EVENTS_PER_CALL, end)
                pairs: list[Argument] = [b""] * (2 * (last - first))
                pairs[::2], pairs[1::2] = fields[first:last].tolist(), own.entries[first:last]
                yield "HSET", key, *pairs
            yield "EXPIRE", key, PREPARED_SECONDS

    def _heads(self, contacts: slice, starts: np.ndarray, ends: np.ndarray) -> bytes:
        own, secret = self._history, self._store.tenant.secret
        heads = np.zeros(len(starts), HEAD)
        digests = own.contacts[contacts]
        heads["contact"] = np.frombuffer(b"".join(digests), "V16")
        heads["tombstone"] = np.frombuffer(b"".join(tombstone(secret, digest) for digest in digests), "V16")
        heads["events"] = ends - starts
        outcomes = self._before[ends] - self._before[starts]
        heads["outcomes"] = outcomes * OUTCOME.itemsize
        heads["verdicts"] = (ends - starts - outcomes) * VERDICT.itemsize
        heads["record"] = list(map(len, own.records[contacts]))
        return heads.tobytes()

    def _counts(self, events: slice) -> tuple[list[bytes], bytes, bytes, list[Argument]]:
        """Return the keys of the days that are kept, for how long each is, how many counts it has, and the counts."""
        own = self._history
        day, product = own.at_ms[events] // DAY_MS, own.product[events].astype(np.int64)
        kept = (product != NO_PRODUCT) & (day >= self._first_day)
        codes = (day << DAY_BITS) | (product << KIND_BITS) | own.kind[events]
        codes, sums = np.unique(codes[kept], return_counts=True)
        days, sizes = np.unique(codes >> DAY_BITS, return_counts=True)
        whats = (codes & ((1 << DAY_BITS) - 1)).tolist()
        counts: list[Argument] = [b""] * (2 * len(whats))
        counts[::2], counts[1::2] = [b"%d:%d" % divmod(code, 1 << KIND_BITS) for code in whats], sums.tolist()
        times = [number * DAY_MS for number in days.tolist()]
        seconds = [retention_seconds(at_ms, self._now_ms) for at_ms in times]
        day_keys = [daily_key(self._keys, at_ms) for at_ms in times]
        return day_keys, np.array(seconds, "<u4").tobytes(), sizes.astype("<u4").tobytes(), counts


def _first_kept_day(now_ms: int) -> int:
    """Return the first day whose counts are kept."""
    today = now_ms // DAY_MS
    return next(day for day in range(today - 400, today + 2) if retention_seconds(day * DAY_MS, now_ms))
