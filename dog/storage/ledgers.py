"""The weekly job's input: outcome ledgers, laps and the last version, read partition by partition."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import orjson

from dog.core.events import OUTCOME
from dog.storage.contacts import read_arrays
from dog.storage.pair_records import HEADER, PAIRS, expand, record_bytes
from dog.storage.store import Store

CHUNK_BYTES = 16 << 20
CONTACTS_A_TRIP = 5_000


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
    contacts
        Digests of the contacts, partition by partition, in order.
    contact
        Place of each pair's contact in `contacts`, shape (pairs,).
    product
        Product number of each pair, shape (pairs,).
    starts
        Where each pair begins in `outcomes`, shape (pairs,).
    outcomes
        Ledger records by pair, inside a pair in the order of (occurred_at, event_id).

    """

    partitions: list[int]
    contacts: list[bytes]
    contact: np.ndarray
    product: np.ndarray
    starts: np.ndarray
    outcomes: np.ndarray

    def keys(self) -> np.ndarray:
        """Give each pair one number that tells order and identity: contact place, then product."""
        return (self.contact.astype(np.uint64) << np.uint64(32)) | self.product


def read_chunks(store: Store, cut: Cut | None = None) -> Iterator[Chunk]:
    """Read all outcome ledgers up to a cut, several small partitions at once."""
    partitions: list[int] = []
    contacts: list[bytes] = []
    ledgers: list[bytes] = []
    size = 0
    for partition in range(store.tenant.partition_count):
        keys = store.keys.partition(partition)
        trip = store.trip()
        trip.add("SMEMBERS", keys.of("logged"))
        members = sorted(trip.send()[0])
        partitions.append(partition)
        for start in range(0, len(members), CONTACTS_A_TRIP):
            some = members[start : start + CONTACTS_A_TRIP]
            trip = store.trip()
            trip.add("MGET", *(keys.contact("outcomes", contact) for contact in some))
            for contact, ledger in zip(some, trip.send()[0], strict=True):
                if ledger:
                    contacts.append(contact)
                    ledgers.append(ledger)
                    size += len(ledger)
        if size >= CHUNK_BYTES:
            yield group_by_pair(store, partitions, contacts, ledgers, cut)
            partitions, contacts, ledgers, size = [], [], [], 0
    if partitions:
        yield group_by_pair(store, partitions, contacts, ledgers, cut)


def group_by_pair(
    store: Store, partitions: list[int], contacts: list[bytes], ledgers: Sequence[bytes], cut: Cut | None
) -> Chunk:
    """Group ledgers, each in time order, by contact-product pair; time order inside a pair stays."""
    outcomes = np.frombuffer(b"".join(ledgers), OUTCOME)
    contact = np.repeat(
        np.arange(len(contacts), dtype=np.uint32), [len(ledger) // OUTCOME.itemsize for ledger in ledgers]
    )
    if cut is not None:
        arrivals = np.array([cut.arrivals[store.tenant.partition_number(digest)] for digest in contacts], np.int64)
        seen = (outcomes["at"].astype(np.int64) < cut.end_ms) & (outcomes["arrival"] <= arrivals[contact])
        if not seen.all():
            outcomes, contact = outcomes[seen], contact[seen]
    key = (contact.astype(np.uint64) << np.uint64(32)) | outcomes["product"]
    if (key[1:] < key[:-1]).any():
        order = np.argsort(key, kind="stable")
        outcomes, key, contact = outcomes[order], key[order], contact[order]
    starts = np.flatnonzero(np.diff(key, prepend=np.uint64(2**64 - 1)))
    return Chunk(partitions, contacts, contact[starts], outcomes["product"][starts], starts, outcomes)


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


def read_laps(store: Store, contacts: Sequence[bytes], later_weeks: Sequence[str]) -> np.ndarray:
    """Count each contact's laps up to a week's end: all of them less those of later weeks, shape (contacts,)."""
    by_partition: dict[int, list[int]] = {}
    for place, contact in enumerate(contacts):
        by_partition.setdefault(store.tenant.partition_number(contact), []).append(place)
    trip = store.trip()
    for partition, places in by_partition.items():
        keys = store.keys.partition(partition)
        for suffix in ("", *later_weeks):
            trip.add("HMGET", keys.of("laps", suffix), *(contacts[place] for place in places))
    answers = iter(trip.send())
    laps = np.zeros(len(contacts), np.int64)
    for places in by_partition.values():
        counted = [np.array([int(count or 0) for count in next(answers)]) for _ in range(1 + len(later_weeks))]
        laps[places] = counted[0] - sum(counted[1:])
    return laps


def read_previous(store: Store, chunk: Chunk, version: str | None, policy: str) -> tuple[np.ndarray, np.ndarray]:
    """Read what a version holds of a chunk's pairs.

    Returns
    -------
    Recursions of each contact, shape (contacts,), and records of `PAIRS`, shape (pairs,); a pair that the
    version does not know is all zeros, its multiplier NaN.

    """
    pairs = np.zeros(len(chunk.product), PAIRS)
    pairs["multiplier"] = np.nan
    recursions = np.zeros(len(chunk.contacts), np.int64)
    if version is None:
        return recursions, pairs
    found = read_arrays(store, "multipliers", f"{version}:{policy}", chunk.contacts)
    held: dict[bytes, list[tuple[int, bytes]]] = {}
    for place, packed in enumerate(found):
        if packed is not None:
            head = np.frombuffer(packed, HEADER, count=1)[0]
            recursions[place] = head["recursions"]
            held.setdefault(head["forms"].tobytes(), []).append((place, packed[HEADER.itemsize :]))
    known, keys = [], []
    for forms, records in held.items():
        known.append(expand(forms, b"".join(part for _, part in records)))
        sizes = [len(part) // record_bytes(forms) for _, part in records]
        contact = np.repeat(np.array([place for place, _ in records], np.uint64), sizes)
        keys.append((contact << np.uint64(32)) | known[-1]["product"])
    if known:
        all_keys = np.concatenate(keys)
        places = np.searchsorted(chunk.keys(), all_keys)
        places = np.minimum(places, len(pairs) - 1)
        same = chunk.keys()[places] == all_keys
        pairs[places[same]] = np.concatenate(known)[same]
    return recursions, pairs
