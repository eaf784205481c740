"""Event ids, each claimed once for one body in the whole tenant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from dog.errors import NotFound
from dog.storage.events import Event
from dog.storage.ids import digest, tombstone
from dog.storage.keys import ID_BUCKETS, PartitionKeys
from dog.storage.round_trip import type_of_argument
from dog.storage.store import Store

BUCKETS = [f"ids:{bucket}".encode() for bucket in range(ID_BUCKETS)]


def _bucket(store: Store, event_id: str) -> tuple[PartitionKeys, str, bytes]:
    hashed = digest(store.tenant.secret, event_id, 12)
    return store.tenant.partition(hashed), str(hashed[4] % ID_BUCKETS), hashed


@dataclass(frozen=True, slots=True)
class Claims:
    """What the store said of some events before they are applied.

    Parameters
    ----------
    answers
        For each event 1 new, 0 known with this body, -1 known with another.
    closed_until_ms
        The first instant, milliseconds since 1970, whose events are taken: those before belong to archived weeks.
    erased
        Ids of the contacts among theirs that were erased.

    """

    answers: list[int]
    closed_until_ms: int
    erased: set[str]


def claim_ids(store: Store, events: Sequence[Event], weeks: Sequence[int]) -> Claims:
    """Claim each event's id for its body."""
    contacts = {contact_id: store.tenant.contact(contact_id) for contact_id in {event.contact_id for event in events}}
    secret, partition_number = store.tenant.secret, store.tenant.partition_number
    calls: dict[int, dict[int, list[int]]] = {}
    hashes = [digest(secret, event.event_id, 12) for event in events]
    for place, hashed in enumerate(hashes):
        calls.setdefault(partition_number(hashed), {}).setdefault(hashed[4] % ID_BUCKETS, []).append(place)
    trip = store.trip()
    for partition, by_bucket in calls.items():
        prefix, arguments = store.keys.partition(partition).prefix, list[type_of_argument]()
        for places in by_bucket.values():
            arguments.append(len(places))
            for place in places:
                event = events[place]
                value = event.fingerprint + weeks[place].to_bytes(2, "little") + contacts[event.contact_id]
                arguments += (hashes[place], value)
        trip.script("claim_ids", [prefix + BUCKETS[bucket] for bucket in by_bucket], arguments)
    trip.add("HGET", store.keys.of("head"), "closed_until_ms")
    by_partition = _by_partition(store, contacts)
    for number, some in by_partition.items():
        stones = (tombstone(store.tenant.secret, contacts[contact_id]) for contact_id in some)
        trip.add("SMISMEMBER", store.keys.partition(number).of("erased"), *stones)
    found = trip.send(replicated=True)
    claimed, closed_until_ms, buried = found[: len(calls)], found[len(calls)], found[len(calls) + 1 :]
    answers = [0] * len(events)
    for by_bucket, claims in zip(calls.values(), claimed, strict=True):
        for place, answer in zip(chain.from_iterable(by_bucket.values()), claims, strict=True):
            answers[place] = answer
    erased = {
        contact_id
        for some, flags in zip(by_partition.values(), buried, strict=True)
        for contact_id, flag in zip(some, flags, strict=True)
        if flag
    }
    return Claims(answers, int(closed_until_ms or 0), erased)


def _by_partition(store: Store, contacts: Mapping[str, bytes]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for contact_id, contact in contacts.items():
        found.setdefault(store.tenant.partition_number(contact), []).append(contact_id)
    return found


def release_ids(store: Store, events: Sequence[Event]) -> None:
    """Forget events' ids, as if they had never been claimed."""
    trip = store.trip()
    for event in events:
        partition, bucket, hashed = _bucket(store, event.event_id)
        trip.add("HDEL", partition.of("ids", bucket), hashed)
    trip.send()


def find_contact_of(store: Store, event_id: str) -> bytes:
    """Find the digest of the contact that an event belongs to.

    Raises
    ------
    NotFound
        No event of that id is remembered.

    """
    partition, bucket, hashed = _bucket(store, event_id)
    trip = store.trip()
    trip.add("HGET", partition.of("ids", bucket), hashed)
    known = trip.send()[0]
    if known is None:
        raise NotFound(f"event '{event_id}' is not known; check the id", code="unknown_event")
    return bytes(known[10:26])
