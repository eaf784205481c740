"""The weekly job's input: outcome ledgers, laps and the last version, read partition by partition."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import orjson

from dog.core.learning.ledger_chunk import DIGEST, ContactBlock, LedgerChunk, PublishedPairs
from dog.core.records import OUTCOME, VERDICT, pair_keys
from dog.storage.pair_records import unpack_groups
from dog.storage.store import Store
from dog.storage.stretches import read_hashes, read_sets

CHUNK_BYTES = 1 << 20
"""Small enough for the processor's caches: the arithmetic passes over a chunk many times."""
CONTACTS_PER_TRIP = 5_000


@dataclass(frozen=True, slots=True)
class Cut:
    """What a week's recompute reads: outcomes that occurred before the week's end and had arrived when it began."""

    end_ms: int  # first instant after the week, milliseconds since 1970
    arrivals: Sequence[int]  # number of the last arrival that is read, one a partition


def read_chunks(
    store: Store, cut: Cut | None = None, partitions: Sequence[int] | None = None, seen: Cut | None = None
) -> Iterator[LedgerChunk]:
    """Read outcome ledgers up to a cut, several small partitions at once: of all partitions, or of some.

    `seen` is the cut of the version before; what it includes is not new.
    """
    numbers: list[int] = []
    sizes: list[int] = []
    ledgers: dict[bytes, bytes] = {}
    size = 0
    every = range(store.tenant.partition_count)
    for partition, members in _logged_contacts(store, every if partitions is None else partitions):
        own = dict(_read_ledgers(store, partition, members, "outcomes"))
        ledgers.update(own)
        numbers.append(partition)
        sizes.append(len(own))
        size += sum(map(len, own.values()))
        if size >= CHUNK_BYTES:
            yield _group_by_pair(numbers, sizes, ledgers, cut, seen)
            numbers, sizes, ledgers, size = [], [], {}, 0
    if numbers:
        yield _group_by_pair(numbers, sizes, ledgers, cut, seen)


def earliest_outcome_ms(store: Store) -> int | None:
    """Return when the first outcome of all occurred, milliseconds since 1970; None where there is none."""
    earliest = []
    trip, contacts = store.trip(), 0
    for partition, members in _logged_contacts(store, range(store.tenant.partition_count)):
        for start in range(0, len(members), CONTACTS_PER_TRIP):
            some = members[start : start + CONTACTS_PER_TRIP]
            trip.script("first_times", store.keys.partition(partition).contacts("outcomes", some), [])
            contacts += len(some)
            if contacts >= CONTACTS_PER_TRIP:
                earliest += trip.send()
                trip, contacts = store.trip(), 0
    times = b"".join([*earliest, *trip.send()])
    return int(np.frombuffer(times, OUTCOME["at"]).min()) if times else None


def _logged_contacts(store: Store, partitions: Sequence[int]) -> Iterator[tuple[int, list[bytes]]]:
    """Read the digests of contacts with events, in order, partition by partition."""
    logged = read_sets(store, [store.keys.partition(partition).of("logged") for partition in partitions])
    yield from zip(partitions, logged, strict=True)


@dataclass(frozen=True, slots=True)
class Records:
    """Records of ledgers and the index of the contact of each, shape (records,); those of a contact in their order."""

    of: np.ndarray
    contact: np.ndarray


def read_records(store: Store, partition: int) -> tuple[list[bytes], Records, Records]:
    """Read all outcomes (`OUTCOME`) and verdicts (`VERDICT`) of a partition, with the digests of the contacts."""
    ((_, members),) = _logged_contacts(store, [partition])
    found = []
    for name, kind in (("outcomes", OUTCOME), ("verdicts", VERDICT)):
        ledgers = dict(_read_ledgers(store, partition, members, name))
        records = np.frombuffer(bytearray().join(ledgers.values()), kind)
        sizes = [len(ledgers.get(member, b"")) // kind.itemsize for member in members]
        found.append(Records(records, np.repeat(np.arange(len(members)), sizes)))
    return members, found[0], found[1]


def _read_ledgers(store: Store, partition: int, members: Sequence[bytes], name: str) -> Iterator[tuple[bytes, bytes]]:
    """Read one of the ledgers of a partition's contacts."""
    keys = store.keys.partition(partition)
    for start in range(0, len(members), CONTACTS_PER_TRIP):
        some = members[start : start + CONTACTS_PER_TRIP]
        for contact, ledger in zip(some, store.execute("MGET", *keys.contacts(name, some)), strict=True):
            if ledger:
                yield contact, ledger


def _group_by_pair(
    partitions: list[int], sizes: list[int], ledgers: Mapping[bytes, bytes], cut: Cut | None, seen: Cut | None
) -> LedgerChunk:
    """Group ledgers, each in time order, by contact-product pair; inside a pair the time order stays."""
    outcomes = np.frombuffer(bytearray().join(ledgers.values()), OUTCOME)
    events = np.array([len(ledger) for ledger in ledgers.values()], np.int64) // OUTCOME.itemsize
    contact = np.repeat(np.arange(len(ledgers), dtype=np.uint32), events)
    is_new = np.ones(len(outcomes), bool)
    if seen is not None and seen.arrivals:
        is_new = ~_included(outcomes, seen, partitions, sizes, events)
    if cut is not None:
        included = _included(outcomes, cut, partitions, sizes, events)
        if not included.all():
            outcomes, contact, is_new = outcomes[included], contact[included], is_new[included]
        outcomes["arrival"] = 0  # from here on nothing depends on the order of arrival
    key = pair_keys(contact, outcomes["product"])
    if (key[1:] < key[:-1]).any():
        order = np.argsort(key, kind="stable")
        outcomes, key, contact, is_new = outcomes.take(order), key[order], contact[order], is_new[order]
    starts = np.flatnonzero(np.diff(key, prepend=np.uint64(2**64 - 1)))
    return LedgerChunk(
        contacts=ContactBlock(partitions, sizes, np.frombuffer(b"".join(ledgers), DIGEST)),
        contact=contact[starts],
        product=outcomes["product"][starts],
        starts=starts,
        outcomes=outcomes,
        is_new=is_new,
    )


def _included(
    outcomes: np.ndarray, cut: Cut, partitions: list[int], sizes: list[int], events: np.ndarray
) -> np.ndarray:
    """Mark the outcomes that a cut includes; `events` is the number of each contact's."""
    arrivals = np.repeat(np.repeat(np.array(cut.arrivals, np.int64)[partitions], sizes), events)
    return np.asarray((outcomes["at"].astype(np.int64) < cut.end_ms) & (outcomes["arrival"] <= arrivals))


def read_cut(store: Store, end_ms: int) -> Cut:
    """Return the cut that includes everything that has arrived by now."""
    return Cut(end_ms, [int(arrival or 0) for arrival in store.in_partitions("GET", "arrival")])


def freeze_cut(store: Store, week: int, end_ms: int) -> Cut:
    """Fix the cut of a week at its first call, so that a run after a kill works from the same input."""
    key, arrivals = store.keys.of("cuts"), read_cut(store, end_ms).arrivals
    _, kept = store.execute_all([("HSETNX", key, week, orjson.dumps(arrivals)), ("HGET", key, week)])
    return Cut(end_ms, orjson.loads(kept))


def read_laps(store: Store, block: ContactBlock, later_weeks: Sequence[str]) -> np.ndarray:
    """Count each contact's laps up to a week's end: all of them less those of later weeks, shape (contacts,)."""
    trip, spans = store.trip(), [(partition, span) for partition, span in block.spans() if span.stop > span.start]
    for partition, span in spans:
        keys = store.keys.partition(partition)
        for suffix in ("", *later_weeks):
            trip.add("HMGET", keys.of("laps", suffix), *block.digests[span].tolist())
    answers = iter(trip.send())
    laps = np.zeros(len(block.digests), np.int64)
    for _, span in spans:
        counted = [_whole_numbers(next(answers)) for _ in range(1 + len(later_weeks))]
        laps[span] = counted[0] - sum(counted[1:])
    return laps


def read_tenant_laps(store: Store, weeks: Sequence[str]) -> list[int]:
    """Count the laps of all contacts together: all of them, then those of each of some weeks."""
    totals = []
    for suffix in ("", *weeks):
        partitions = map(store.keys.partition, range(store.tenant.partition_count))
        found = read_hashes(store, [keys.of("laps", suffix) for keys in partitions])
        totals.append(sum(int(count) for laps in found for count in laps.values()))
    return totals


def _whole_numbers(found: Sequence[bytes | None]) -> np.ndarray:
    if not any(found):
        return np.zeros(len(found), np.int64)
    return np.array([int(count) if count else 0 for count in found], np.int64)


def read_published(store: Store, chunk: LedgerChunk, version: str, policy: str) -> PublishedPairs:
    """Read what a version holds of a chunk's pairs."""
    published = unpack_groups(list(_read_arrays(store, chunk.contacts, f"{version}:{policy}")))
    wanted, keys = pair_keys(chunk.contact, chunk.product), pair_keys(published.contact, published.product)
    if np.array_equal(wanted, keys):
        return PublishedPairs(published.recursions, published.group, published.records)
    group = np.full(len(wanted), len(published.records) - 1)  # the unknown pair's
    if len(keys) and len(wanted):
        places = np.minimum(np.searchsorted(wanted, keys), len(wanted) - 1)
        same = wanted[places] == keys
        group[places[same]] = published.group[same]
    return PublishedPairs(published.recursions, group, published.records)


def _read_arrays(store: Store, block: ContactBlock, suffix: str) -> Iterator[bytes | None]:
    trip = store.trip()
    for partition, span in block.spans():
        if digests := block.digests[span].tolist():
            trip.add("HMGET", store.keys.partition(partition).of("multipliers", suffix), *digests)
    for found in trip.send():
        yield from found
