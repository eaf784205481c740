"""Import feedback from rows of a file: columns of a table instead of nested JSON."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, tzinfo
from typing import Any

from dog.errors import InvalidInput
from dog.services.data.data_rows import RowFault
from dog.services.data.row_values import ACCEPTED, ACCEPTED_LATE, DUPLICATE, RowOutcome
from dog.services.feedback.parse_event import parse_event
from dog.services.feedback.record_feedback import ClaimedBatch, Screen, apply_feedback, claim_feedback
from dog.services.feedback.refused_pitches import RefusedPitches
from dog.storage.event_log import Event, Status
from dog.storage.store import Store

Rows = Sequence[Mapping[str, Any] | RowFault]

FEEDBACK_CHUNK_ROWS = 50_000
CHUNKS_IN_PROGRESS = 2
PLAIN = ("event_id", "type", "contact_id", "product_id", "decision_id", "actor_id", "pitch_id")
PLAIN_COLUMNS = frozenset([*PLAIN, "occurred_at"])
PLAIN_RESULTS = {
    (Status.ACCEPTED, False): ACCEPTED,
    (Status.ACCEPTED, True): ACCEPTED_LATE,
    (Status.DUPLICATE, False): DUPLICATE,
}


def import_feedback(
    store: Store,
    chunks: Iterable[Rows],
    clock: Callable[[], int],
    zone: tzinfo,
    screen: Screen = lambda _: {},
) -> Iterator[list[RowOutcome]]:
    """Record chunks of some thousand rows of feedback; yield the results of each chunk, one a row.

    While one chunk is written, the ids of the next are claimed and the one after is read. The order of rows is kept: of
    two rows with one id the first counts. Events that name a refused pitch are refused with it (`RefusedPitches`). A
    row that cannot be read stands as its fault.
    """
    refused = RefusedPitches()

    def apply(claimed: Future[ClaimedBatch]) -> list[RowOutcome]:
        results = apply_feedback(store, claimed.result(), clock())
        return [
            PLAIN_RESULTS.get((result.status, result.in_published_week))
            or RowOutcome(result.status, result.code, result.message)
            for result in results
        ]

    in_progress: deque[Future[list[RowOutcome]]] = deque()
    with ThreadPoolExecutor(1, "claim-feedback") as claimer, ThreadPoolExecutor(1, "apply-feedback") as writer:
        for rows in chunks:
            claimed = claimer.submit(claim_feedback, store, rows, clock(), zone, read_event, screen, refused)
            in_progress.append(writer.submit(apply, claimed))
            if len(in_progress) > CHUNKS_IN_PROGRESS:
                yield in_progress.popleft().result()
        while in_progress:
            yield in_progress.popleft().result()


def read_event(row: Mapping[str, Any] | RowFault, now_ms: int, zone: tzinfo | None) -> Event:
    """Parse the event of a row; raise `InvalidInput` where it is none."""
    if isinstance(row, RowFault):
        raise InvalidInput(row.message, code=row.code)
    return parse_event(event_document(row), now_ms, zone)


def event_document(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the event document of a row; unknown columns are ignored."""
    given = {name: value for name, value in row.items() if value is not None and value != ""}
    document: dict[str, Any] = {name: given[name] for name in PLAIN if name in given}
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
    document |= {name: given[name] for name in ("value", "propensity") if name in given}
    if "variant" in given:
        document["variant"] = str(given["variant"])
    return document
