"""Take in feedback rows of a file: the columns of a table instead of nested JSON."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, tzinfo
from typing import Any

from dog.services.feedback.parse_event import parse_event, read_plain
from dog.services.feedback.record_feedback import ClaimedBatch, EventResult, apply_feedback, claim_feedback
from dog.services.rows.import_rows import ACCEPTED, DUPLICATE, RowResult
from dog.storage.events import Event, Status
from dog.storage.store import Store

Rows = Sequence[Mapping[str, Any]]

PLAIN = ("event_id", "type", "contact_id", "product_id", "decision_id", "actor_id", "pitch_id")
PLAIN_COLUMNS = frozenset([*PLAIN, "occurred_at"])


def import_feedback(
    store: Store, chunks: Iterable[Rows], clock: Callable[[], int], zone: tzinfo
) -> Iterator[list[RowResult]]:
    """Record chunks of some thousand rows of feedback; one result a row, chunk by chunk.

    While one chunk is written the next is read and its ids are claimed, in the order of the rows: of two rows with
    one id the first counts.
    """

    def apply(batch: ClaimedBatch) -> list[RowResult]:
        results = apply_feedback(store, batch, clock(), by_admin=True)
        return [_row_result(result) for result in results]

    written: Future[list[RowResult]] | None = None
    with ThreadPoolExecutor(1, "import-feedback") as writer:
        for rows in chunks:
            batch = claim_feedback(store, rows, clock(), zone, _read_row)
            before, written = written, writer.submit(apply, batch)
            if before is not None:
                yield before.result()
        if written is not None:
            yield written.result()


def _row_result(result: EventResult) -> RowResult:
    if result.status is Status.ACCEPTED:
        return ACCEPTED
    return DUPLICATE if result.status is Status.DUPLICATE else RowResult(result.status, result.code, result.message)


def _read_row(row: Mapping[str, Any], now_ms: int, zone: tzinfo | None) -> Event:
    plain = None if zone is None else read_plain(row, now_ms, zone)
    return plain or parse_event(_document(row), now_ms, zone)


def _document(row: Mapping[str, Any]) -> dict[str, Any]:
    """Build the event that a row describes; columns beyond the known ones are left aside."""
    given = {name: value for name, value in row.items() if value is not None and value != ""}
    document: dict[str, Any] = {name: str(given[name]) for name in PLAIN if name in given}
    when = given.get("occurred_at")
    document["occurred_at"] = when.isoformat() if isinstance(when, datetime) else when
    if given.keys() <= PLAIN_COLUMNS and document.get("type") != "restructure":
        return document
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
