"""Take in feedback rows of a file: the columns of a table instead of nested JSON."""

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

from dog.services.import_rows import RowResult
from dog.services.record_feedback import record_feedback
from dog.storage.store import Store

PLAIN = ("event_id", "type", "contact_id", "product_id", "decision_id", "actor_id", "pitch_id")


def import_feedback(store: Store, rows: Sequence[Mapping[str, Any]], now_ms: int, zone: tzinfo) -> list[RowResult]:
    """Record up to 1,000 rows of feedback, one result a row."""
    documents = [_document(row) for row in rows]
    results = record_feedback(store, documents, now_ms, zone=zone, by_admin=True)
    return [RowResult(result.status, result.code, result.message) for result in results]


def _document(row: Mapping[str, Any]) -> dict[str, Any]:
    """Build the event that a row describes; columns beyond the known ones are left aside."""
    given = {name: value for name, value in row.items() if value not in (None, "")}
    document: dict[str, Any] = {name: str(given[name]) for name in PLAIN if name in given}
    when = given.get("occurred_at")
    document["occurred_at"] = when.isoformat() if isinstance(when, datetime) else when
    if document.get("type") == "restructure":
        document["replace"] = {
            "attribute": given.get("attribute"),
            "from": given.get("attribute_value"),
            "to": given.get("replacement"),
        }
    else:
        names = ("trigger", "attribute", "attribute_value", "note")
        if reason := {name: given[name] for name in names if name in given}:
            document["reason"] = reason
    document |= {name: _number(given[name]) for name in ("value", "propensity") if name in given}
    if "variant" in given:
        document["variant"] = str(given["variant"])
    return document


def _number(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return float(value)
    except ValueError:
        return value
