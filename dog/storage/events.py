"""Feedback events: remembered once by id, logged with their contact, packed for arithmetic.

An event passes three scripts, each harmless when repeated: its id is claimed for its body; if it reaches
beyond its contact it is appended to the tenant's wide ledger; then log entry and ledger record are written
together. Only after the third is it answered as accepted; if anything dies before, the same call made again
completes it and counts it once.
"""

import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import orjson

from dog.core.events import NO_PRODUCT, OUTCOME, OUTCOMES, VERDICT, Attribute, EventType, Trigger
from dog.errors import NotFound
from dog.storage.daily import daily_key, seconds_kept
from dog.storage.ids import digest, fingerprint, tombstone
from dog.storage.keys import ID_BUCKETS, PartitionKeys
from dog.storage.store import Store

# The records of `dog.core.events`, written twenty times as fast as numpy writes a single one; a test compares both.
PACKED_TIME = struct.Struct(">Q")
PACKED_OUTCOME = struct.Struct("<QQIfB3xI")
PACKED_VERDICT = struct.Struct("<QQQQIBBBB")

RETRACTED = 0
"""Type in the log entry of an event that was taken back."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing a user did with, or learnt about, a recommendation."""

    event_id: str
    type: EventType
    contact_id: str
    product_id: str | None
    occurred_at_ms: int
    decision_id: str | None = None
    actor_id: str | None = None
    pitch_id: str | None = None
    trigger: Trigger = Trigger.NONE
    attribute: Attribute = Attribute.NONE
    attribute_value: str | None = None
    note: str | None = None
    replacement: str | None = None
    value: float | None = None
    score: float = math.nan
    model: str | None = None
    propensity: float | None = None  # chance with which its decision could have listed its product
    variant: str | None = None  # of the policy, which made that decision

    def body(self) -> list[Any]:
        """List what makes the event this one and no other; the last four fields are ours, not the sender's."""
        extras = {
            "d": self.decision_id,
            "a": self.actor_id,
            "p": self.pitch_id,
            "t": int(self.trigger) or None,
            "b": int(self.attribute) or None,
            "v": self.attribute_value,
            "n": self.note or None,
            "r": self.replacement,
            "x": self.value,
        }
        given = {name: value for name, value in extras.items() if value is not None}
        return [self.event_id, int(self.type), self.occurred_at_ms, self.product_id, given]

    def entry(self) -> bytes:
        """Write the log entry; its first two fields are read by the scripts."""
        *head, extras = self.body()
        ours = {
            "s": None if math.isnan(self.score) else round(self.score, 9),
            "m": self.model,
            "q": self.propensity,
            "w": self.variant,
        }
        return orjson.dumps([*head, {**extras, **{name: value for name, value in ours.items() if value is not None}}])

    @property
    def fingerprint(self) -> bytes:
        """Hash the whole body, contact included."""
        return fingerprint(orjson.dumps([self.contact_id, *self.body()], option=orjson.OPT_SORT_KEYS))


class Status(StrEnum):
    """What became of an event."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"


def read_entry(contact_id: str, entry: bytes) -> Event | None:
    """Read a log entry back; None where the event was retracted."""
    event_id, kind, at, product_id, extras = orjson.loads(entry)
    if kind == RETRACTED:
        return None
    return Event(
        event_id,
        EventType(kind),
        contact_id,
        product_id,
        at,
        extras.get("d"),
        extras.get("a"),
        extras.get("p"),
        Trigger(extras.get("t", 0)),
        Attribute(extras.get("b", 0)),
        extras.get("v"),
        extras.get("n"),
        extras.get("r"),
        extras.get("x"),
        extras.get("s", math.nan),
        extras.get("m"),
        extras.get("q"),
        extras.get("w"),
    )


def ledger_of(kind: EventType) -> str:
    """Tell which of the contact's two ledgers an event belongs to."""
    return "outcomes" if kind in OUTCOMES else "verdicts"


def pack_event(store: Store, event: Event, numbers: Mapping[str, int]) -> bytes:
    """Pack an event for its contact's ledger: one record of `OUTCOME` or `VERDICT`."""

    def number(text: str | None) -> int:
        return store.tenant.number(text) if text else 0

    product = NO_PRODUCT if event.product_id is None else numbers[event.product_id]
    at, hashed = PACKED_TIME.pack(event.occurred_at_ms), number(event.event_id)
    if event.type in OUTCOMES:
        return at + PACKED_OUTCOME.pack(hashed, number(event.pitch_id), product, round(event.score, 9), event.type, 0)
    substitute = number(event.replacement)
    if event.attribute is Attribute.PRODUCT and event.replacement:
        substitute = numbers[event.replacement] + 1  # a product's number, and never 0
    value, actor = number(event.attribute_value or event.model), number(event.actor_id)
    kinds = (event.type, event.trigger, event.attribute)
    return at + PACKED_VERDICT.pack(hashed, value, substitute, actor, product, *kinds, 0)


def _bucket(store: Store, event_id: str) -> tuple[PartitionKeys, str, bytes]:
    hashed = digest(store.tenant.secret, event_id, 12)
    return store.tenant.partition(hashed), str(hashed[4] % ID_BUCKETS), hashed


def _contacts(store: Store, events: Sequence[Event]) -> dict[str, bytes]:
    """Hash each contact once, however many of its events come together."""
    return {contact_id: store.tenant.contact(contact_id) for contact_id in {event.contact_id for event in events}}


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
    calls: dict[bytes, tuple[list[int], list[bytes], list[bytes]]] = {}
    contacts = _contacts(store, events)
    for place, (event, week) in enumerate(zip(events, weeks, strict=True)):
        partition, bucket, hashed = _bucket(store, event.event_id)
        places, keys, arguments = calls.setdefault(partition.prefix, ([], [], []))
        places.append(place)
        keys.append(partition.of("ids", bucket))
        arguments += (
            hashed,
            event.fingerprint + week.to_bytes(2, "little") + contacts[event.contact_id],
        )
    trip = store.trip()
    for _, keys, arguments in calls.values():
        trip.script("claim_ids", keys, arguments)
    trip.add("HGET", store.keys.of("head"), "closed_until_ms")
    by_partition = _by_partition(store, contacts)
    for number, some in by_partition.items():
        stones = (tombstone(store.tenant.secret, contacts[contact_id]) for contact_id in some)
        trip.add("SMISMEMBER", store.keys.partition(number).of("erased"), *stones)
    found = trip.send(replicated=True)
    claimed, closed_until_ms, buried = found[: len(calls)], found[len(calls)], found[len(calls) + 1 :]
    answers = [0] * len(events)
    for (places, _, _), claims in zip(calls.values(), claimed, strict=True):
        for place, answer in zip(places, claims, strict=True):
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


def apply_events(store: Store, events: Sequence[Event], numbers: Mapping[str, int], now_ms: int) -> list[int]:
    """Write log entries and ledger records: 1 new, 0 applied before, -1 its contact was erased meanwhile."""
    calls: dict[int, tuple[list[int], list[bytes], list[bytes]]] = {}
    contacts = _contacts(store, events)
    for place, event in enumerate(events):
        contact = contacts[event.contact_id]
        number = store.tenant.partition_number(contact)
        keys_of = store.keys.partition(number)
        if number not in calls:
            shared = [keys_of.of(name) for name in ("arrival", "logged", "contacts", "erased")]
            calls[number] = ([], shared, [])
        places, keys, arguments = calls[number]
        places.append(place)
        keys += (
            keys_of.contact("log", contact),
            keys_of.contact(ledger_of(event.type), contact),
            daily_key(keys_of, event.occurred_at_ms),
        )
        kept = seconds_kept(event.occurred_at_ms, now_ms)
        arguments += (
            store.tenant.number(event.event_id).to_bytes(8, "little"),
            event.entry(),
            pack_event(store, event, numbers),
            contact,
            orjson.dumps({"contact_id": event.contact_id}),
            tombstone(store.tenant.secret, contact),
            _counted(numbers.get(event.product_id or "", -1), event.type) if kept else b"",
            b"%d" % kept,
        )
    trip = store.trip()
    for _, keys, arguments in calls.values():
        trip.script("apply_events", keys, arguments)
    answers = [0] * len(events)
    for (places, _, _), found in zip(calls.values(), trip.send(replicated=True), strict=True):
        for place, answer in zip(places, found, strict=True):
            answers[place] = answer
    return answers


def _counted(product: int, kind: int) -> bytes:
    """Name the field under which a day counts a product's events of a kind; empty where about no product."""
    return b"%d:%d" % (product, kind) if product >= 0 else b""


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


def read_event(store: Store, contact: bytes, event_id: str) -> bytes | None:
    """Read an event's log entry."""
    trip = store.trip()
    log = store.tenant.partition(contact).contact("log", contact)
    trip.add("HGET", log, store.tenant.number(event_id).to_bytes(8, "little"))
    entry: bytes | None = trip.send()[0]
    return entry


def retract_event(store: Store, contact: bytes, event_id: str, entry: bytes, numbers: Mapping[str, int]) -> bool:
    """Take an event back as if it had never come; False where that was done before."""
    _, kind, at, product_id, _ = orjson.loads(entry)
    if kind == RETRACTED:
        return False
    keys, event_type = store.tenant.partition(contact), EventType(kind)
    trip = store.trip()
    trip.script(
        "retract_event",
        [keys.contact("log", contact), keys.contact(ledger_of(event_type), contact), daily_key(keys, at)],
        [
            store.tenant.number(event_id).to_bytes(8, "little"),
            orjson.dumps([event_id, RETRACTED, at, product_id, {"type": kind}]),
            OUTCOME.itemsize if event_type in OUTCOMES else VERDICT.itemsize,
            _counted(numbers.get(product_id or "", -1), event_type),
        ],
    )
    return bool(trip.send(replicated=True)[0] == 1)


def is_wide(event: Event) -> bool:
    """Tell whether a verdict reaches beyond its contact."""
    about_account = event.trigger is Trigger.DISCOMFORT and event.attribute is Attribute.ACCOUNT
    return event.type in (EventType.ACCEPT, EventType.DISCARD) and (
        about_account or event.trigger in (Trigger.MARKET, Trigger.BUSINESS)
    )


def append_wide(store: Store, verdicts: Sequence[tuple[Event, str, str, bool]]) -> None:
    """Append verdicts that reach beyond their contact: event, its category or account, segment, said by an admin."""
    if not verdicts:
        return
    records = np.zeros(len(verdicts), VERDICT)
    for record, (event, subject, segment, by_admin) in zip(records, verdicts, strict=True):
        record["at"], record["event"] = event.occurred_at_ms, store.tenant.number(event.event_id)
        record["value"], record["substitute"] = store.tenant.number(subject), store.tenant.number(segment)
        record["actor"] = store.tenant.number(event.actor_id) if event.actor_id else 0
        record["type"], record["trigger"], record["attribute"] = event.type, event.trigger, event.attribute
        record["spare"] = by_admin
    trip = store.trip()
    trip.script("append_wide", [store.keys.of("wide"), store.keys.of("head")], [r.tobytes() for r in records])
    trip.send(replicated=True)


def remove_wide(store: Store, *event_ids: str) -> None:
    """Take verdicts out of the wide ledger, those that are there."""
    trip = store.trip()
    for event_id in event_ids:
        number = store.tenant.number(event_id).to_bytes(8, "little")
        trip.script("remove_wide", [store.keys.of("wide"), store.keys.of("head")], [number])
    trip.send(replicated=True)


def read_wide_ledger(store: Store) -> np.ndarray:
    """Read the wide ledger."""
    trip = store.trip()
    trip.add("GET", store.keys.of("wide"))
    return np.frombuffer(trip.send()[0] or b"", VERDICT)
