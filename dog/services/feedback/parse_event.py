"""Parse an event, or refuse it with one clear sentence.

Written by hand instead of with a schema library because a call with 1,000 events must take milliseconds;
`dog/api/request_schemas.py` documents the same fields, and a test compares both.
"""

import math
import re
from collections.abc import Mapping
from datetime import date, datetime, time, tzinfo
from enum import IntEnum
from functools import lru_cache
from typing import Any, TypeVar

from dog.core.events import OUTCOMES, VERDICTS, Attribute, EventType, Trigger
from dog.errors import InputFault, InvalidInput
from dog.storage.event_log import Event
from dog.storage.ids import clean_id, clean_optional_id, is_plain_id

Kind = TypeVar("Kind", bound=IntEnum)

FUTURE_TOLERANCE_MS = 5 * 60 * 1000
MAX_NOTE_CHARACTERS = 1000
RFC3339 = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(?P<seconds>:\d\d(?:\.\d{1,9})?)?(?P<offset>[Zz]|[+-]\d\d:\d\d)?", re.ASCII
)
FIELDS = frozenset(
    [
        "event_id",
        "type",
        "contact_id",
        "product_id",
        "occurred_at",
        "decision_id",
        "actor_id",
        "pitch_id",
        "reason",
        "replace",
        "value",
        "rank",  # read by `fill_from_decision.py` alone
    ]
)
FILE_FIELDS = FIELDS | {"propensity", "variant"}
"""Files may also have how the decision behind an event was made, by DOG or by another service."""
REASON_FIELDS = frozenset({"trigger", "attribute", "attribute_value", "note"})
REPLACE_FIELDS = frozenset({"attribute", "from", "to"})
TYPES = {kind.name.lower(): kind for kind in EventType if kind in OUTCOMES | VERDICTS}
TRIGGERS = {trigger.name.lower(): trigger for trigger in Trigger if trigger is not Trigger.NONE}
ATTRIBUTES = {attribute.name.lower(): attribute for attribute in Attribute if attribute is not Attribute.NONE}
PLAIN_TYPES = {kind.name.lower(): kind for kind in EventType if kind in OUTCOMES}
PLAIN_FIELDS = FIELDS - {"reason", "replace", "value"}
REQUIRED = ("event_id", "type", "contact_id", "product_id", "occurred_at")
OTHER_IDS = ("decision_id", "actor_id", "pitch_id")
NOTHING = (None, "")
WITHOUT_PRODUCT = frozenset({Attribute.ACCOUNT, Attribute.CONTACT, Attribute.CHANNEL, Attribute.TIME})
WITH_VALUE = frozenset({Attribute.CHANNEL, Attribute.TIME})


def parse_event(document: Any, now_ms: int, zone: tzinfo | None = None) -> Event:
    """Parse one event.

    Parameters
    ----------
    document
        As parsed from JSON.
    now_ms
        Current time, milliseconds since 1970.
    zone
        Time zone of times without offset (files); None where an offset is required (HTTP).

    Raises
    ------
    InvalidInput
        A field is invalid; the message names it and how to correct it.

    """
    if not isinstance(document, Mapping):
        raise _fault("", "is not a JSON object; send one object for each event")
    _refuse_unknown(document, FIELDS if zone is None else FILE_FIELDS, "")
    kind = _choice(document.get("type"), TYPES, "type")
    trigger, attribute, value, note = _reason(document.get("reason"), kind)
    replacement = None
    if kind is EventType.RESTRUCTURE:
        attribute, value, replacement = _replacement(document.get("replace"))
    elif document.get("replace") is not None:
        raise _fault("replace", f"is for restructure, not for {kind.name.lower()}")
    product_id = document.get("product_id")
    if product_id in (None, "") and kind is EventType.DISCARD and attribute in WITHOUT_PRODUCT:
        product_id = None
    else:
        product_id = clean_id(product_id, "product_id")
    return Event(
        event_id=clean_id(document.get("event_id"), "event_id"),
        type=kind,
        contact_id=clean_id(document.get("contact_id"), "contact_id"),
        product_id=product_id,
        occurred_at_ms=_instant(document.get("occurred_at"), now_ms, zone),
        decision_id=_optional_id(document, "decision_id"),
        actor_id=_optional_id(document, "actor_id"),
        pitch_id=_pitch(document, kind),
        trigger=trigger,
        attribute=attribute,
        attribute_value=value,
        note=note,
        replacement=replacement,
        value=_number(document.get("value")),
        propensity=_propensity(document.get("propensity")),
        variant=_text(document.get("variant"), "variant", 64),
    )


def read_plain(document: Any, now_ms: int, zone: tzinfo | None) -> Event | None:
    """Parse a pitch, win or loss with ids and time only, the usual case, faster than `parse_event`.

    None where it has other fields or anything invalid: `parse_event` handles it then.
    """
    decision_id = actor_id = pitch_id = None
    try:
        event_id, contact_id, product_id = document["event_id"], document["contact_id"], document["product_id"]
        kind, when = PLAIN_TYPES[document["type"]], document["occurred_at"]
        if not (event_id and contact_id and product_id):
            return None
        ids = event_id + contact_id + product_id
        if len(document) > len(REQUIRED):
            if not _names_are_plain(document, leave_empty=zone is not None):
                return None
            others = [None if value in NOTHING else value for value in map(document.get, OTHER_IDS)]
            ids += "".join([value for value in others if value is not None])
            decision_id, actor_id, pitch_id = others
            if pitch_id is not None and kind is EventType.PITCH:
                return None
        if not is_plain_id(ids):  # all at once: faster
            return None
        at_ms = _instant(when, now_ms, zone)
    except (InvalidInput, KeyError, TypeError, AttributeError):  # the last two: a value is not text
        return None
    return Event(
        event_id=event_id,
        type=kind,
        contact_id=contact_id,
        product_id=product_id,
        occurred_at_ms=at_ms,
        decision_id=decision_id,
        actor_id=actor_id,
        pitch_id=pitch_id,
    )


def _names_are_plain(document: Mapping[str, Any], *, leave_empty: bool) -> bool:
    """Return whether a document has no other fields than plain events; other columns of a file may be empty."""
    if document.keys() <= PLAIN_FIELDS:
        return True
    return leave_empty and all(document[name] in NOTHING for name in document.keys() - PLAIN_FIELDS)


def parse_instant(text: Any, field: str, zone: tzinfo | None) -> int:
    """Return an RFC 3339 time as milliseconds since 1970."""
    match = RFC3339.fullmatch(text) if isinstance(text, str) else None
    if match is None or (zone is None and match["seconds"] is None):
        raise _fault(field, "is not an RFC 3339 time; write it as 2026-11-20T10:00:00Z")
    try:
        moment = datetime.fromisoformat(text.upper())
    except ValueError as error:
        raise _fault(field, f"is not a possible time ({error}); write it as 2026-11-20T10:00:00Z") from None
    if moment.tzinfo is None and zone is None:
        raise _fault(field, "has no offset; end it with Z or an offset such as +01:00")
    return read_moment(moment, field, zone)


def read_moment(moment: date, field: str, zone: tzinfo | None) -> int:
    """Return a time or day of Python, which without offset is one of the zone, as milliseconds since 1970."""
    at = moment if isinstance(moment, datetime) else datetime.combine(moment, time())
    milliseconds = math.floor((at if at.tzinfo else at.replace(tzinfo=zone)).timestamp() * 1000)
    if milliseconds < 0:
        raise _fault(field, "is before 1970")
    return milliseconds


def _instant(when: Any, now_ms: int, zone: tzinfo | None) -> int:
    if isinstance(when, str):
        at = _known_instant(when, zone)
    elif isinstance(when, date) and zone is not None:
        at = read_moment(when, "occurred_at", zone)
    else:
        at = parse_instant(when, "occurred_at", zone)
    if at > now_ms + FUTURE_TOLERANCE_MS:
        raise _fault("occurred_at", "is more than 5 minutes in the future; check the sender's clock", "future_event")
    return at


@lru_cache(maxsize=4096)
def _known_instant(text: str, zone: tzinfo | None) -> int:
    """Cache parsed times: a campaign has thousands of events with the same time."""
    return parse_instant(text, "occurred_at", zone)


def _reason(document: Any, kind: EventType) -> tuple[Trigger, Attribute, str | None, str | None]:
    if document is None:
        return Trigger.NONE, Attribute.NONE, None, None
    if not isinstance(document, Mapping):
        raise _fault("reason", "is not a JSON object")
    _refuse_unknown(document, REASON_FIELDS, "reason/")
    if kind in OUTCOMES and not document.keys() <= {"note"}:
        raise _fault("reason", f"of a {kind.name.lower()} may have a note, and nothing else")
    trigger = Trigger.NONE
    if document.get("trigger") is not None:
        trigger = _choice(document["trigger"], TRIGGERS, "reason/trigger")
    attribute = Attribute.NONE
    if document.get("attribute") is not None:
        attribute = _choice(document["attribute"], ATTRIBUTES, "reason/attribute")
    value = _text(document.get("attribute_value"), "reason/attribute_value", 256)
    if trigger is Trigger.DISCOMFORT and attribute is Attribute.NONE and kind is not EventType.RESTRUCTURE:
        raise _fault("reason/attribute", "is missing; name the attribute that the discomfort is about")
    if trigger is Trigger.DISCOMFORT and attribute in WITH_VALUE and not value:
        raise _fault("reason/attribute_value", f"is missing; name the {attribute.name.lower()}")
    return trigger, attribute, value, _text(document.get("note"), "reason/note", MAX_NOTE_CHARACTERS)


def _replacement(document: Any) -> tuple[Attribute, str, str]:
    if not isinstance(document, Mapping):
        raise _fault("replace", 'is missing; write {"attribute": "channel", "from": "call", "to": "email"}')
    _refuse_unknown(document, REPLACE_FIELDS, "replace/")
    attribute = _choice(document.get("attribute"), ATTRIBUTES, "replace/attribute")
    values = [_text(document.get(end), f"replace/{end}", 256) for end in ("from", "to")]
    if not all(values):
        raise _fault("replace", "needs both from and to: the value refused and the one put in its place")
    return attribute, str(values[0]), str(values[1])


def _pitch(document: Mapping[str, Any], kind: EventType) -> str | None:
    if document.get("pitch_id") is not None and kind not in (EventType.WIN, EventType.LOSS):
        raise _fault("pitch_id", f"is for win and loss, not for {kind.name.lower()}")
    return _optional_id(document, "pitch_id")


def _choice(text: Any, kinds: Mapping[str, Kind], field: str) -> Kind:
    if not isinstance(text, str) or text not in kinds:
        raise _fault(field, f"must be one of {', '.join(kinds)}")
    return kinds[text]


def _optional_id(document: Mapping[str, Any], field: str) -> str | None:
    return clean_optional_id(document.get(field), field)


def _text(value: Any, field: str, longest: int) -> str | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > longest:
        raise _fault(field, f"must be text of at most {longest} characters")
    return value


def read_number(value: Any) -> float:
    """Return a number, also from text such as "0.3"; NaN where it is none or not finite."""
    if isinstance(value, str):
        try:
            number = float(value) if value.isascii() and "_" not in value else math.nan
        except ValueError:
            number = math.nan
    else:
        number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
    return number if math.isfinite(number) else math.nan


def _number(value: Any) -> float | None:
    if value is None or value == "":
        return None
    number = read_number(value)
    if math.isnan(number):
        raise _fault("value", "must be a finite number")
    return number


def _propensity(value: Any) -> float | None:
    if value is None or value == "":
        return None
    number = read_number(value)
    if not 0.0 < number <= 1.0:
        raise _fault("propensity", "must be a number above 0 and at most 1: the chance of the decision that was made")
    return number


def _refuse_unknown(document: Mapping[str, Any], known: frozenset[str], place: str) -> None:
    if document.keys() <= known:
        return
    for name in document:
        if name not in known:
            raise _fault(
                f"{place}{name}",
                f"is not a field here; known are {', '.join(sorted(known))}",
                "unknown_field",
            )


def _fault(field: str, why: str, code: str = "invalid_event") -> InvalidInput:
    message = f"{field or 'the event'} {why}"
    return InvalidInput(message, [InputFault(f"/{field}", code, message)], code=code)
