"""The weekly job's input: outcome ledgers, laps and the last version, read partition by partition."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import orjson

from dog.core.records import OUTCOME, pair_keys
from dog.storage.pair_records import unpack_kinds
from dog.storage.store import Store

CHUNK_BYTES = 1 << 20
"""Small enough for the processor's caches: a chunk is walked over many times."""
CONTACTS_A_TRIP = 5_000
PARTITIONS_A_TRIP = 16
AT = OUTCOME["at"]


@dataclass(frozen=True, slots=True)
class Cut:
    """What a week's recompute sees: what occurred before the week's end and had arrived when it began.

    Parameters
    ----------
    end_ms
        First instant after the week, milliseconds since 1970.
    arrivals
        Number of the last arrival that is seen, one a partition.

    """

    end_ms: int
    arrivals: Sequence[int]


@dataclass(frozen=True, slots=True)
class Chunk:
    """The outcomes of some partitions' contacts, grouped by contact-product pair.

    Parameters
    ----------
    partitions
        Numbers of the partitions, in order.
    sizes
        How many of the contacts belong to each of the partitions.
    contacts
        Digests of the contacts, partition by partition, in order.
    contact
        Place of each pair's contact in `contacts`, ascending, shape (pairs,).
    product
        Product number of each pair, shape (pairs,).
    starts
        Where each pair begins in `outcomes`, shape (pairs,).
    outcomes
        Ledger records by pair, inside a pair in the order of (occurred_at, event_id); behind a cut without arrivals.

    """

    partitions: list[int]
    sizes: list[int]
    contacts: list[bytes]
    contact: np.ndarray
    product: np.ndarray
    starts: np.ndarray
    outcomes: np.ndarray

    def keys(self) -> np.ndarray:
        """Give the `pair_keys` of the pairs."""
        return pair_keys(self.contact, self.product)

    def spans(self) -> Iterator[tuple[int, slice]]:
        """Go through the partitions: number, and places of its contacts."""
        return spans(self.partitions, self.sizes)


def spans(partitions: Sequence[int], sizes: Sequence[int]) -> Iterator[tuple[int, slice]]:
    """Go through partitions, given how many contacts of each follow one another: number, and places of its contacts."""
    end = 0
    for partition, size in zip(partitions, sizes, strict=True):
        yield partition, slice(end, end + size)
        end += size


def read_chunks(store: Store, cut: Cut | None = None, partitions: Sequence[int] | None = None) -> Iterator[Chunk]:
    """Read outcome ledgers up to a cut, several small partitions at once: all of them, or those of some partitions."""
    numbers: list[int] = []
    sizes: list[int] = []
    contacts: list[bytes] = []
    ledgers: list[bytes] = []
    size = 0
    every = range(store.tenant.partition_count)
    for partition, members in _logged(store, every if partitions is None else partitions):
        before = len(contacts)
        for contact, ledger in _read_ledgers(store, partition, members):
            contacts.append(contact)
            ledgers.append(ledger)
            size += len(ledger)
        numbers.append(partition)
        sizes.append(len(contacts) - before)
        if size >= CHUNK_BYTES:
            yield _group_by_pair(numbers, sizes, contacts, ledgers, cut)
            numbers, sizes, contacts, ledgers, size = [], [], [], [], 0
    if numbers:
        yield _group_by_pair(numbers, sizes, contacts, ledgers, cut)


def earliest_outcome_ms(store: Store) -> int | None:
    """Find when the first outcome of all occurred, milliseconds since 1970; None where there is none."""
    earliest = []
    trip, contacts = store.trip(), 0
    for partition, members in _logged(store, range(store.tenant.partition_count)):
        for start in range(0, len(members), CONTACTS_A_TRIP):
            some = members[start : start + CONTACTS_A_TRIP]
            trip.script("first_times", store.keys.partition(partition).contacts("outcomes", some), [])
            contacts += len(some)
            if contacts >= CONTACTS_A_TRIP:
                earliest += trip.send()
                trip, contacts = store.trip(), 0
    times = b"".join([*earliest, *trip.send()])
    return int(np.frombuffer(times, AT).min()) if times else None


def _logged(store: Store, partitions: Sequence[int]) -> Iterator[tuple[int, list[bytes]]]:
    """Read who has events, in the order of the digests, partition by partition."""
    for start in range(0, len(partitions), PARTITIONS_A_TRIP):
        some = partitions[start : start + PARTITIONS_A_TRIP]
        trip = store.trip()
        for partition in some:
            trip.add("SMEMBERS", store.keys.partition(partition).of("logged"))
        for partition, members in zip(some, trip.send(), strict=True):
            yield partition, sorted(members)


def _read_ledgers(store: Store, partition: int, members: Sequence[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Read the ledgers of a partition's contacts."""
    keys = store.keys.partition(partition)
    for start in range(0, len(members), CONTACTS_A_TRIP):
        some = members[start : start + CONTACTS_A_TRIP]
        trip = store.trip()
        trip.add("MGET", *keys.contacts("outcomes", some))
        for contact, ledger in zip(some, trip.send()[0], strict=True):
            if ledger:
                yield contact, ledger


def _group_by_pair(
    partitions: list[int], sizes: list[int], contacts: list[bytes], ledgers: Sequence[bytes], cut: Cut | None
) -> Chunk:
    """Group ledgers, each in time order, by contact-product pair; time order inside a pair stays."""
    outcomes = np.frombuffer(bytearray().join(ledgers), OUTCOME)
    events = np.array([len(ledger) for ledger in ledgers], np.int64) // OUTCOME.itemsize
    contact = np.repeat(np.arange(len(contacts), dtype=np.uint32), events)
    if cut is not None:
        arrivals = np.repeat(np.array(cut.arrivals, np.int64)[partitions], sizes)
        seen = (outcomes["at"].astype(np.int64) < cut.end_ms) & (outcomes["arrival"] <= np.repeat(arrivals, events))
        if not seen.all():
            outcomes, contact = outcomes[seen], contact[seen]
        outcomes["arrival"] = 0  # it has said what it had to: the rest does not depend on who came first
    key = pair_keys(contact, outcomes["product"])
    if (key[1:] < key[:-1]).any():
        order = np.argsort(key, kind="stable")
        outcomes, key, contact = outcomes.take(order), key[order], contact[order]
    starts = np.flatnonzero(np.diff(key, prepend=np.uint64(2**64 - 1)))
    return Chunk(partitions, sizes, contacts, contact[starts], outcomes["product"][starts], starts, outcomes)


def read_cut(store: Store, end_ms: int) -> Cut:
    """Take the cut as things stand now."""
    trip = store.trip()
    for partition in range(store.tenant.partition_count):
        trip.add("GET", store.keys.partition(partition).of("arrival"))
    return Cut(end_ms, [int(arrival or 0) for arrival in trip.send()])


def freeze_cut(store: Store, week: int, end_ms: int) -> Cut:
    """Take the cut for a week once and for all, so that a run after a kill works from the same input."""
    trip = store.trip()
    trip.add("HSETNX", store.keys.of("cuts"), week, orjson.dumps(read_cut(store, end_ms).arrivals))
    trip.add("HGET", store.keys.of("cuts"), week)
    return Cut(end_ms, orjson.loads(trip.send()[1]))


def read_laps(store: Store, chunk: Chunk, later_weeks: Sequence[str]) -> np.ndarray:
    """Count each contact's laps up to a week's end: all of them less those of later weeks, shape (contacts,)."""
    trip, spans = store.trip(), [(partition, span) for partition, span in chunk.spans() if span.stop > span.start]
    for partition, span in spans:
        keys = store.keys.partition(partition)
        for suffix in ("", *later_weeks):
            trip.add("HMGET", keys.of("laps", suffix), *chunk.contacts[span])
    answers = iter(trip.send())
    laps = np.zeros(len(chunk.contacts), np.int64)
    for _, span in spans:
        counted = [_whole_numbers(next(answers)) for _ in range(1 + len(later_weeks))]
        laps[span] = counted[0] - sum(counted[1:])
    return laps


def _whole_numbers(found: Sequence[bytes | None]) -> np.ndarray:
    if not any(found):
        return np.zeros(len(found), np.int64)
    return np.array([int(count) if count else 0 for count in found], np.int64)


@dataclass(frozen=True, slots=True)
class Previous:
    """What a version holds of a chunk's pairs.

    Parameters
    ----------
    recursions
        Of each contact, shape (contacts,).
    kind
        Which of `records` holds each pair, shape (pairs,).
    records
        Records of `PAIRS`; that of a pair which the version does not know is all zeros, its multiplier NaN.

    """

    recursions: np.ndarray
    kind: np.ndarray
    records: np.ndarray


def read_previous(store: Store, chunk: Chunk, version: str, policy: str) -> Previous:
    """Read what a version holds of a chunk's pairs."""
    held = unpack_kinds(list(_read_arrays(store, chunk, f"{version}:{policy}")))
    unknown = len(held.records) - 1
    wanted, keys = chunk.keys(), pair_keys(held.contact, held.product)
    if np.array_equal(wanted, keys):
        return Previous(held.recursions, held.kind, held.records)
    kind = np.full(len(wanted), unknown)
    if len(keys) and len(wanted):
        places = np.minimum(np.searchsorted(wanted, keys), len(wanted) - 1)
        same = wanted[places] == keys
        kind[places[same]] = held.kind[same]
    return Previous(held.recursions, kind, held.records)


def _read_arrays(store: Store, chunk: Chunk, suffix: str) -> Iterator[bytes | None]:
    trip = store.trip()
    for partition, span in chunk.spans():
        if chunk.contacts[span]:
            trip.add("HMGET", store.keys.partition(partition).of("multipliers", suffix), *chunk.contacts[span])
    for found in trip.send():
        yield from found
