"""Event ids: each can be claimed for one body only in the whole tenant."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from dog.errors import NotFound
from dog.storage.contact_lists import ID_BYTES, claim_key
from dog.storage.event_log import Event
from dog.storage.ids import digest, digests, new_id, tombstone
from dog.storage.keys import ID_BUCKETS
from dog.storage.round_trip import RoundTrip
from dog.storage.store import Store

BUCKETS = [f"ids:{bucket}".encode() for bucket in range(ID_BUCKETS)]
CLAIM = np.dtype([("id", "V12"), ("fingerprint", "V8"), ("week", "<u2"), ("contact", "V16")])
"""An id and its value: 38 bytes."""
CALL_BUCKETS = 64
"""Buckets of a partition in one call: of a file, some thousand ids, so that none blocks Redis for long."""


def _place(store: Store, event_id: str) -> tuple[bytes, bytes]:
    """Return key and field of an event's id."""
    hashed = digest(store.tenant.secret, event_id, ID_BYTES)
    return claim_key(store, hashed), hashed


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """Result of claiming the ids of events."""

    answers: list[int]  # for each event 1 new, 0 known with this body, -1 known with another
    closed_until_ms: int  # events before belong to archived weeks
    published_until_ms: int  # end of the latest published week
    erased: set[str]  # ids of the erased among their contacts
    contacts: Mapping[str, bytes]  # digests of all their contacts, by id
    call: str  # where the claims are noted until they are in logs


def claim_ids(store: Store, events: Sequence[Event], weeks: np.ndarray | Sequence[int]) -> Claims:
    """Claim each event's id for its body."""
    named = {event.contact_id for event in events}
    contacts = dict(zip(named, store.tenant.contacts(named), strict=True))
    packed = _pack_claims(store, events, weeks, contacts)
    trip, call = store.trip(), _free_place(store)
    if events:  # first: claims that a kill cuts off from their logs are found by it
        trip.add("HSET", store.keys.of("claiming"), call, packed.tobytes())
    noted = len(trip.commands)
    order, calls = _add_claims(store, trip, packed)
    calls += noted
    trip.add("HMGET", store.keys.of("head"), "closed_until_ms", "published_until_ms")
    by_partition = store.tenant.by_partition((digest, contact_id) for contact_id, digest in contacts.items())
    for number, some in by_partition.items():
        tombstones = (tombstone(store.tenant.secret, contacts[contact_id]) for contact_id in some)
        trip.add("SMISMEMBER", store.keys.partition(number).of("erased"), *tombstones)
    found = trip.send(replicated=True)
    claimed, until, erased_flags = found[noted:calls], found[calls], found[calls + 1 :]
    answers = _in_order(order, claimed)
    erased = {
        contact_id
        for some, flags in zip(by_partition.values(), erased_flags, strict=True)
        for contact_id, flag in zip(some, flags, strict=True)
        if flag
    }
    closed_until_ms, published_until_ms = (int(moment or 0) for moment in until)
    return Claims(
        answers=answers.tolist(),
        closed_until_ms=closed_until_ms,
        published_until_ms=published_until_ms,
        erased=erased,
        contacts=contacts,
        call=call,
    )


def _free_place(store: Store) -> str:
    """Return the place of a call that has ended, or a new one."""
    try:
        return store.ended_calls.popleft()
    except IndexError:
        return new_id(6)


def end_call(store: Store, claims: Claims) -> None:
    """Let the next call take the place where claims are noted: logs have all of them that are not released."""
    store.ended_calls.append(claims.call)


def claim_packed(store: Store, claims: np.ndarray) -> np.ndarray:
    """Claim ids given as records of `CLAIM`; return answers as those of `Claims`, shape (claims,).

    They are noted nowhere: the head has `BACKFILLING` until logs have them all.
    """
    trip = store.trip()
    order, _ = _add_claims(store, trip, claims)
    return _in_order(order, trip.send(replicated=True))


def _pack_claims(
    store: Store, events: Sequence[Event], weeks: np.ndarray | Sequence[int], contacts: Mapping[str, bytes]
) -> np.ndarray:
    claims = np.zeros(len(events), CLAIM)
    claims["id"] = np.frombuffer(
        b"".join(digests(store.tenant.secret, (one.event_id for one in events), ID_BYTES)), "V12"
    )
    claims["fingerprint"] = np.frombuffer(b"".join([event.fingerprint for event in events]), "V8")
    claims["week"] = weeks
    claims["contact"] = np.frombuffer(b"".join([contacts[event.contact_id] for event in events]), "V16")
    return claims


def _add_claims(store: Store, trip: RoundTrip, claims: np.ndarray) -> tuple[np.ndarray, int]:
    """Add the calls that claim ids, bucket by bucket; return the order of the claims in them, and how many calls."""
    hashed = claims.view(np.uint8).reshape(len(claims), CLAIM.itemsize)
    partition = partition_of_ids(claims, store.tenant.partition_count)
    bucket = partition * ID_BUCKETS + hashed[:, 4].astype(np.int64) % ID_BUCKETS
    order = np.argsort(bucket, kind="stable")
    bucket, calls = bucket[order], 0
    for start, end in _stretches(bucket // CALL_BUCKETS):
        keys = store.keys.partition(int(bucket[start]) // ID_BUCKETS)
        edges = _stretches(bucket[start:end])
        counts = np.array([last - first for first, last in edges], "<u4")
        names = [keys.prefix + BUCKETS[bucket[start + first] % ID_BUCKETS] for first, _ in edges]
        packed = claims[order[start:end]].tobytes()
        trip.script("claim_ids", [keys.of("backfill"), *names], (counts.tobytes(), packed, store.load))
        calls += 1
    return order, calls


def _stretches(values: np.ndarray) -> list[tuple[int, int]]:
    """Return begin and end of each stretch of equal values."""
    edges = [*np.flatnonzero(np.diff(values, prepend=-1)).tolist(), len(values)]
    return list(pairwise(edges))


def _in_order(order: np.ndarray, claimed: Iterable[bytes]) -> np.ndarray:
    """Return the answers of the script, a byte a claim, as those of `Claims` in the order of the claims."""
    answers = np.zeros(len(order), np.int8)
    answers[order] = np.frombuffer(b"".join(claimed), np.int8) - 1
    return answers


def partition_of_ids(claims: np.ndarray, partition_count: int) -> np.ndarray:
    """Return the partitions of the ids of records that begin as `CLAIM` does, shape (claims,)."""
    hashed = claims.view(np.uint8).reshape(len(claims), claims.dtype.itemsize)
    return np.ascontiguousarray(hashed[:, :4]).view("<u4")[:, 0].astype(np.int64) % partition_count


def release_ids(store: Store, events: Sequence[Event]) -> None:
    """Delete events' ids, as if they had never been claimed."""
    release_event_ids(store, (event.event_id for event in events))


def forget_noted(store: Store, claims: Claims, contact_ids: Iterable[str]) -> None:
    """Delete what a call has noted of some contacts."""
    trip = store.trip()
    for contact_id in contact_ids:
        trip.script("forget_calls", [store.keys.of("claiming")], [claims.contacts[contact_id], claims.call])
    trip.send()


def release_event_ids(store: Store, event_ids: Iterable[str]) -> None:
    """Delete the claims of ids."""
    store.execute_all(("HDEL", *_place(store, event_id)) for event_id in event_ids)


def release_unlogged(store: Store, events: Sequence[Event]) -> None:
    """Delete the ids of those of the events that no log has: others were recorded before."""
    ids = digests(store.tenant.secret, (event.event_id for event in events), ID_BYTES)
    contacts = [store.tenant.contact(event.contact_id) for event in events]
    logged_as = [store.tenant.digest64(event.event_id).to_bytes(8, "little") for event in events]
    release_unlogged_ids(store, list(zip(ids, contacts, logged_as, strict=True)))


def release_unlogged_ids(store: Store, events: Sequence[tuple[bytes, bytes, bytes]]) -> None:
    """Delete the ids of those of the events that no log has, given digests of id and contact, and that of the log."""
    logged = store.execute_all(
        ("HEXISTS", store.tenant.partition(contact).contact("log", contact), digest) for _, contact, digest in events
    )
    gone = [hashed for (hashed, _, _), is_logged in zip(events, logged, strict=True) if not is_logged]
    store.execute_all(("HDEL", claim_key(store, hashed), hashed) for hashed in gone)


def read_claims(store: Store, ids: Sequence[bytes]) -> list[tuple[bytes, bytes] | None]:
    """Return fingerprint and contact for which ids, given as digests, are claimed; None where they are not."""
    known = store.execute_all(("HGET", claim_key(store, hashed), hashed) for hashed in ids)
    return [None if value is None else (bytes(value[:8]), bytes(value[10:26])) for value in known]


def find_event_contacts(store: Store, event_ids: Sequence[str]) -> list[bytes | None]:
    """Return the digest of each event's contact; None where its id is not claimed."""
    known = store.execute_all(("HGET", *_place(store, event_id)) for event_id in event_ids)
    return [None if value is None else bytes(value[10:26]) for value in known]


def find_event_contact(store: Store, event_id: str) -> bytes:
    """Return the digest of an event's contact; raise `NotFound` if the event is unknown."""
    contact = find_event_contacts(store, [event_id])[0]
    if contact is None:
        raise NotFound(f"event '{event_id}' is not known; check the id", code="unknown_event")
    return contact


def find_claimed(store: Store, event_ids: Sequence[str]) -> set[str]:
    """Return those among some event ids that are claimed."""
    known = store.execute_all(("HEXISTS", *_place(store, event_id)) for event_id in event_ids)
    return {event_id for event_id, claimed in zip(event_ids, known, strict=True) if claimed}
