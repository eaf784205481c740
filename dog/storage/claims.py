"""Event ids: each can be claimed for one body only in the whole tenant."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, groupby

import numpy as np

from dog.errors import NotFound
from dog.storage.contact_lists import ID_BYTES, claim_key
from dog.storage.event_log import Event
from dog.storage.ids import digest, digests, new_id, tombstone
from dog.storage.keys import ID_BUCKETS
from dog.storage.store import Store

BUCKETS = [f"ids:{bucket}".encode() for bucket in range(ID_BUCKETS)]
CLAIM = np.dtype([("id", "V12"), ("fingerprint", "V8"), ("week", "<u2"), ("contact", "V16")])
"""An id and its value: 38 bytes."""


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
    order, buckets, packed = _sorted_claims(store, events, weeks, contacts)
    trip, call = store.trip(), _free_place(store)
    if events:  # first: claims that a kill cuts off from their logs are found by it
        trip.add("HSET", store.keys.of("claiming"), call, packed)
    noted = calls = len(trip.commands)
    for partition, group in groupby(buckets, key=lambda found: found[0] // ID_BUCKETS):
        own = list(group)
        prefix = store.keys.partition(partition).prefix
        counts = np.array([end - start for _, start, end in own], "<u4")
        claims = packed[own[0][1] * CLAIM.itemsize : own[-1][2] * CLAIM.itemsize]
        keys = [prefix + BUCKETS[bucket % ID_BUCKETS] for bucket, _, _ in own]
        trip.script("claim_ids", keys, (counts.tobytes(), claims))
        calls += 1
    trip.add("HMGET", store.keys.of("head"), "closed_until_ms", "published_until_ms")
    by_partition = store.tenant.by_partition((digest, contact_id) for contact_id, digest in contacts.items())
    for number, some in by_partition.items():
        tombstones = (tombstone(store.tenant.secret, contacts[contact_id]) for contact_id in some)
        trip.add("SMISMEMBER", store.keys.partition(number).of("erased"), *tombstones)
    found = trip.send(replicated=True)
    claimed, until, erased_flags = found[noted:calls], found[calls], found[calls + 1 :]
    answers = np.zeros(len(events), np.int8)
    answers[order] = list(chain.from_iterable(claimed))
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


def _sorted_claims(
    store: Store, events: Sequence[Event], weeks: np.ndarray | Sequence[int], contacts: Mapping[str, bytes]
) -> tuple[np.ndarray, list[tuple[int, int, int]], bytes]:
    """Pack claims bucket by bucket.

    Return the indices of the events in packed order; of each bucket its number (partition * 256 + bucket), first claim
    and end; and the packed claims.
    """
    secret = store.tenant.secret
    claims = np.zeros(len(events), CLAIM)
    claims["id"] = np.frombuffer(b"".join(digests(secret, (event.event_id for event in events), ID_BYTES)), "V12")
    claims["fingerprint"] = np.frombuffer(b"".join([event.fingerprint for event in events]), "V8")
    claims["week"] = weeks
    claims["contact"] = np.frombuffer(b"".join([contacts[event.contact_id] for event in events]), "V16")
    hashed = claims.view(np.uint8).reshape(len(events), CLAIM.itemsize)
    partition = np.ascontiguousarray(hashed[:, :4]).view("<u4")[:, 0] % store.tenant.partition_count
    bucket = partition.astype(np.int64) * ID_BUCKETS + hashed[:, 4].astype(np.int64) % ID_BUCKETS
    order = np.argsort(bucket, kind="stable")
    bucket = bucket[order]
    edges = np.append(np.flatnonzero(np.diff(bucket, prepend=-1)), len(events))
    starts, ends = edges[:-1], edges[1:]
    buckets = list(zip(bucket[starts].tolist(), starts.tolist(), ends.tolist(), strict=True))
    return order, buckets, claims[order].tobytes()


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
    if not events:
        return
    contacts = [store.tenant.contact(event.contact_id) for event in events]
    logged = store.execute_all(
        (
            "HEXISTS",
            store.tenant.partition(contact).contact("log", contact),
            store.tenant.digest64(event.event_id).to_bytes(8, "little"),
        )
        for contact, event in zip(contacts, events, strict=True)
    )
    release_ids(store, [event for event, is_logged in zip(events, logged, strict=True) if not is_logged])


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
