"""Feedback events: recorded once by id, logged with their contact, packed for computation.

An event passes two scripts, each idempotent: its id is claimed for its body; then log entry and ledger record, and its
vote if it acts beyond its contact, are written together. It is answered as accepted after the second only; if the
process dies before, the same call sent again completes it and counts it once.
"""

import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from operator import attrgetter
from typing import Any

import orjson

from dog.core.events import OUTCOMES, Attribute, EventType, Trigger
from dog.core.records import NO_PRODUCT
from dog.storage.ids import fingerprint
from dog.storage.store import Store
from dog.storage.stretches import read_hashes

# The records of `dog.core.records`, packed twenty times as fast as numpy packs a single one; a test compares both.
PACKED_TIME = struct.Struct(">Q")
PACKED_OUTCOME = struct.Struct("<QQIfBBBBI")
PACKED_RATIOS, PACKED_PITCH = struct.Struct("<ff"), struct.Struct("<Q")
PACKED_VERDICT = struct.Struct("<QQQQIBBBB")

OPTIONAL_FIELDS = attrgetter(
    "decision_id", "actor_id", "attribute_value", "note", "replacement", "trigger", "attribute"
)
NO_OPTIONAL = (None, None, None, None, None, Trigger.NONE, Attribute.NONE)
"""The optional fields of most events."""
ADDED_FIELDS = attrgetter("model", "propensity", "variant", "log_ratios", "vote", "pitched_by", "load")
NO_ADDED = (None, None, None, None, None, None, None)
"""The fields that the service adds to most events, besides their score."""

PitchedBy = Sequence[tuple[str, int]]
"""Channel, time and segment of a pitch: each value with its number (`value_numbers.py`), '' and 0 where not known."""
UNKNOWN_VALUES = (0, 0, 0)

VARIANT_FIELD = b'"w":'
"""What the log entry of an event with a variant contains."""
CONTACTS_PER_TRIP = 500

RETRACTED = 0
"""Type in the log entry of a retracted event."""


@dataclass(slots=True, kw_only=True)
class Event:
    """One action of a user on a recommendation, or what became of it; changed by none but who adds what it knows.

    Not frozen: a frozen dataclass takes four times as long to create eighteen fields.
    """

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
    propensity: float | None = None  # probability that its decision listed its product
    variant: str | None = None  # of the policy that made that decision
    log_ratios: tuple[float, float] | None = None  # ln of product and pair ratio, as known when pitched
    undated: bool = False  # its sender left the time out: it is that of the first receipt, and not part of its body
    raw: tuple[int, Mapping[str, float]] | None = None  # of a pitch: number of the loads, each model's score in them
    vote: tuple[int, str, str, str] | None = None  # kind, subject, within, voter, where it acts beyond its contact
    pitched_by: PitchedBy | None = None  # of a pitch: channel, time, segment
    load: str | None = None  # id of the load that it came with
    # the body without its first bracket, cached by `fingerprint` for `entry`
    _written: bytes = field(default=b"", init=False, repr=False, compare=False)

    def body(self) -> list[Any]:
        """Return what identifies the event, without the last fields, which the service adds."""
        said = OPTIONAL_FIELDS(self)
        given: dict[str, Any] = {}
        if self.pitch_id:
            given["p"] = self.pitch_id
        if said != NO_OPTIONAL:
            given |= {name: value for name, value in zip("davnrtb", said, strict=True) if value}
        if self.value is not None:
            given["x"] = self.value
        return [self.event_id, int(self.type), self.occurred_at_ms, self.product_id, given]

    def entry(self) -> bytes:
        """Return the log entry; the scripts read its first two fields."""
        added: dict[str, Any] = {}
        if not math.isnan(self.score):
            added["s"] = round(self.score, 9)
        if self.raw is not None:
            added["z"] = self.raw
        if (others := ADDED_FIELDS(self)) != NO_ADDED:
            added |= {name: value for name, value in zip("mqwluci", others, strict=True) if value is not None}
        written = self._written or orjson.dumps(self.body())[1:]
        if not added:
            return b"[" + written
        comma = b"" if written.endswith(b"{}]") else b","
        return b"[%b%b%b]" % (written[:-2], comma, orjson.dumps(added)[1:])

    @property
    def fingerprint(self) -> bytes:
        """Hash of the whole body, contact included."""
        body = self.body()
        if self.undated:
            body[2] = None
        if len(body[-1]) > 1 or self.undated:
            return fingerprint(orjson.dumps([self.contact_id, *body], option=orjson.OPT_SORT_KEYS))
        self._written = orjson.dumps(body)[1:]  # a copy: what orjson returns occupies a kilobyte, however short it is
        return fingerprint(b"[%b,%b" % (orjson.dumps(self.contact_id), self._written))


class Status(StrEnum):
    """Result of sending an event."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"
    QUARANTINED = "quarantined"


def read_entry(contact_id: str, entry: bytes) -> Event | None:
    """Parse a log entry; None if the event was retracted."""
    event_id, kind, at, product_id, extras = orjson.loads(entry)
    if kind == RETRACTED:
        return None
    return Event(
        event_id=event_id,
        type=EventType(kind),
        contact_id=contact_id,
        product_id=product_id,
        occurred_at_ms=at,
        decision_id=extras.get("d"),
        actor_id=extras.get("a"),
        pitch_id=extras.get("p"),
        trigger=Trigger(extras.get("t", 0)),
        attribute=Attribute(extras.get("b", 0)),
        attribute_value=extras.get("v"),
        note=extras.get("n"),
        replacement=extras.get("r"),
        value=extras.get("x"),
        score=extras.get("s", math.nan),
        model=extras.get("m"),
        propensity=extras.get("q"),
        variant=extras.get("w"),
        log_ratios=extras.get("l"),
        raw=tuple(extras["z"]) if "z" in extras else None,
        vote=tuple(extras["u"]) if "u" in extras else None,
        pitched_by=extras.get("c"),
        load=extras.get("i"),
    )


def read_scores_of_entry(entry: bytes | None) -> tuple[int, Mapping[str, float]]:
    """Return number of the loads and raw scores by model from a pitch's log entry; 0 and none where it has none."""
    extras = orjson.loads(entry)[4] if entry is not None else {}
    number, scores = extras.get("z", (0, {}))
    return number, scores


def read_variants(store: Store, partition: int, contacts: Sequence[bytes]) -> dict[int, str]:
    """Return which variant of a policy made the decision of an event, by the digest of its id; of those known alone."""
    keys, found = store.keys.partition(partition), {}
    for log in read_hashes(store, keys.contacts("log", contacts), CONTACTS_PER_TRIP):
        for event, entry in log.items():
            if VARIANT_FIELD in entry and (variant := orjson.loads(entry)[4].get("w")):
                found[int.from_bytes(event, "little")] = variant
    return found


def ledger_name(kind: EventType) -> str:
    """Return which of the contact's two ledgers an event belongs to."""
    return "outcomes" if kind in OUTCOMES else "verdicts"


def pack_event(store: Store, event: Event, numbers: Mapping[str, int]) -> bytes:
    """Pack an event as a record of `OUTCOME` or `VERDICT`."""
    digest64 = store.tenant.digest64
    product = NO_PRODUCT if event.product_id is None else numbers[event.product_id]
    at, hashed = PACKED_TIME.pack(event.occurred_at_ms), digest64(event.event_id)
    if event.type in OUTCOMES:
        pitch = digest64(event.pitch_id) if event.pitch_id else 0
        if event.type is EventType.PITCH:  # it names no pitch: the field holds what was known of its records
            pitch = PACKED_PITCH.unpack(PACKED_RATIOS.pack(*event.log_ratios))[0] if event.log_ratios else 0
        by = [number for _, number in event.pitched_by] if event.pitched_by else UNKNOWN_VALUES
        return at + PACKED_OUTCOME.pack(hashed, pitch, product, round(event.score, 9), event.type, *by, 0)
    substitute = digest64(event.replacement) if event.replacement else 0
    if event.attribute is Attribute.PRODUCT and event.replacement:
        substitute = numbers[event.replacement] + 1  # a product's number + 1, never 0
    about = event.attribute_value or event.model
    value, actor = digest64(about) if about else 0, digest64(event.actor_id) if event.actor_id else 0
    kinds = (event.type, event.trigger, event.attribute)
    return at + PACKED_VERDICT.pack(hashed, value, substitute, actor, product, *kinds, 0)
