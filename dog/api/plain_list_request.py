"""Read the body of a request for one list, where it is plain: marshmallow takes 500,000 instructions for it.

`RecommendationRequestSchema` defines what a body may be, documents it, and words what is wrong with it. What is read
here the schema reads as the same request (a property test holds both together); what is not is left to the schema.
"""

from collections.abc import Callable, Mapping
from typing import Any

from dog.errors import InvalidInput, NotJson
from dog.services.data.row_values import parse_contact_attributes
from dog.services.data.strict_json import parse_json
from dog.services.feedback.parse_event import parse_instant
from dog.services.lists.list_request import (
    EXPLANATIONS,
    MAX_CANDIDATES,
    MAX_K,
    MAX_NAME_CHARACTERS,
    MAX_NAMES,
    MAX_RECENT_EVENTS,
    RECENT_EVENT_TYPES,
    ListRequest,
    RecentEvent,
)
from dog.storage.ids import is_plain_id

SCALARS = frozenset({str, int, float, bool, type(None)})
EVENT_FIELDS = frozenset({"type", "product_id", "occurred_at"})


def read_plain_request(body: bytes) -> ListRequest | None:
    """Return what a plain body asks for; None for any other."""
    try:
        fields = parse_json(body)
        if type(fields) is not dict or "contact_id" not in fields:
            return None
        for name, value in fields.items():
            is_plain = IS_PLAIN.get(name)
            if is_plain is None or not is_plain(value):
                return None
        fields["exclude"] = fields.get("exclude", [])
        if fields.get("contact") is not None:
            fields["contact"] = parse_contact_attributes(fields["contact"])
        if "events" in fields:
            fields["events"] = events = [_event(event) for event in fields["events"]]
            fields["exclude"] += [event.product_id for event in events if event.type == "discard"]
        return ListRequest(**fields)
    except (NotJson, InvalidInput):
        return None


def _event(fields: Mapping[str, Any]) -> RecentEvent:
    text = fields.get("occurred_at")
    at_ms = None if text is None else parse_instant(text, "occurred_at", None)
    return RecentEvent(fields["type"], fields["product_id"], at_ms)


def _is_id(value: Any) -> bool:
    return type(value) is str and value != "" and is_plain_id(value)


def _is_name(value: Any) -> bool:
    return type(value) is str and 0 < len(value) <= MAX_NAME_CHARACTERS


def _is_context(value: Any) -> bool:
    return type(value) is dict and len(value) <= MAX_NAMES and SCALARS.issuperset(map(type, value.values()))


def _is_list(value: Any, is_plain: Callable[[Any], bool], most: int) -> bool:
    return type(value) is list and len(value) <= most and all(map(is_plain, value))


def _are_candidates(value: Any) -> bool:
    return _is_list(value, _is_candidate, MAX_CANDIDATES) and len({one["product_id"] for one in value}) == len(value)


def _is_candidate(value: Any) -> bool:
    if type(value) is not dict or value.keys() != {"product_id", "scores"} or not _is_id(value["product_id"]):
        return False
    scores = value["scores"]
    if type(scores) is not dict or len(scores) > MAX_NAMES:
        return False
    return all(map(_is_name, scores)) and all(type(score) is float for score in scores.values())


def _is_event(value: Any) -> bool:
    if type(value) is not dict or not value.keys() <= EVENT_FIELDS or not _is_id(value.get("product_id")):
        return False
    return value.get("type") in RECENT_EVENT_TYPES


IS_PLAIN: Mapping[str, Callable[[Any], bool]] = {
    "contact_id": _is_id,
    "k": lambda value: type(value) is int and 1 <= value <= MAX_K,
    "policy": _is_name,
    "context": _is_context,
    "candidates": lambda value: value is None or _are_candidates(value),
    "exclude": lambda value: _is_list(value, _is_id, MAX_CANDIDATES),
    "explain": lambda value: value in EXPLANATIONS,
    "dry_run": lambda value: type(value) is bool,
    "decision_id": lambda value: value is None or _is_id(value),
    "contact": lambda value: value is None or type(value) is dict,
    "events": lambda value: _is_list(value, _is_event, MAX_RECENT_EVENTS),
}
