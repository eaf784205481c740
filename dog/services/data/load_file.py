"""Load a file of products, contacts, scores, feedback or transactions."""

import gc
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from dog.services.data.data_rows import Row
from dog.services.data.import_feedback import import_feedback
from dog.services.data.import_rows import CHUNK_ROWS, IMPORTS, import_rows
from dog.services.data.mapping.load_map import PLAIN, FileEntry
from dog.services.data.mapping.mapped_file import open_mapped
from dog.services.data.rejected_rows import RejectedRows
from dog.services.data.row_values import RowCounts, RowOutcome
from dog.services.feedback.release_quarantine import release_quarantine
from dog.services.feedback.screen_names import NameScreen
from dog.services.runtime import Runtime
from dog.services.weekly.fit_policies import refresh_consolidation
from dog.storage.audit_log import record_audit_entry
from dog.storage.event_log import Status
from dog.storage.sender import FILE
from dog.storage.store import Store

FEEDBACK_CHUNK_ROWS = 50_000
ROWS_A_COLLECTION = 500_000
"""Allocations between two collections of the youngest generation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedFile:
    """What came of a file: the counts, the file of rejected rows if there are any, how the file was read."""

    counts: RowCounts
    rejected: Path | None
    notes: Sequence[str]
    found_options: Mapping[str, Any]  # with which the file of rejected rows is to be loaded


def load_file(
    runtime: Runtime,
    tenant: str,
    kind: str,
    path: Path,
    entry: FileEntry = PLAIN,
    report: Callable[[float], object] = lambda _: None,
) -> LoadedFile:
    """Load a file; `entry` states how it is written, `report` is called with the share done.

    To complete an interrupted load, load the same file again: rows that are already loaded count as duplicates.
    Raise `InvalidInput`, and change nothing, where the file as a whole cannot be read or mapped.
    """
    source = open_mapped(kind, path, entry)
    store = runtime.store(tenant, create=True)
    counts, rejects = RowCounts(), RejectedRows(source)
    with _rare_collections():
        for chunk, found in _imported(runtime, store, kind, source.rows(), counts):
            rejected = counts.rejected
            results = _with_faults(chunk, found)
            counts.add(results)
            if counts.rejected > rejected:
                rejects.add(chunk, results)
            report(source.data.share_read)
    record_audit_entry(store.redis, tenant, "rows.load", kind, accepted=counts.accepted, file=path.name)
    if kind == "scores" and counts.accepted:
        refresh_consolidation(store, runtime.clock())
    if kind != "feedback":
        release_quarantine(runtime, store)
    return LoadedFile(
        counts=counts, rejected=rejects.close(), notes=source.notes(), found_options=source.found_options()
    )


def _with_faults(chunk: Sequence[Row], found: Sequence[RowOutcome]) -> Sequence[RowOutcome]:
    """Return one result per row, given those of the readable rows."""
    if len(found) == len(chunk):
        return found
    results = iter(found)
    return [
        next(results) if row.fault is None else RowOutcome(Status.REJECTED, row.fault.code, row.fault.message)
        for row in chunk
    ]


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Collect garbage rarely: rows have no cycles, and scanning chunks of them takes a fifth of the time."""
    usual = gc.get_threshold()
    gc.set_threshold(ROWS_A_COLLECTION, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _imported(
    runtime: Runtime, store: Store, kind: str, rows: Iterator[Row], counts: RowCounts
) -> Iterator[tuple[Sequence[Row], Sequence[RowOutcome]]]:
    """Import chunk by chunk; yield the rows, and one result per readable row.

    The store is asked for before each chunk: it is refused once a newer release migrates the data.
    """
    tenant = store.tenant.name
    if kind in IMPORTS:
        for chunk in _chunks(rows, CHUNK_ROWS):
            yield chunk, import_rows(runtime.store(tenant), kind, _readable(chunk), runtime.settings.zone)
        return
    pending: deque[Sequence[Row]] = deque()

    def readable() -> Iterator[list[dict[str, Any]]]:
        for chunk in _chunks(rows, FEEDBACK_CHUNK_ROWS):
            pending.append(chunk)
            runtime.store(tenant)
            yield _readable(chunk)

    screen = NameScreen(runtime=runtime, store=store, sender=FILE)
    for found in import_feedback(store, readable(), runtime.clock, runtime.settings.zone, screen):
        yield pending.popleft(), found
    counts.unknown.update(screen.counts)


def _readable(chunk: Sequence[Row]) -> list[dict[str, Any]]:
    return [row.fields for row in chunk if row.fault is None]


def _chunks(rows: Iterator[Row], size: int) -> Iterator[Sequence[Row]]:
    while chunk := list(islice(rows, size)):
        yield chunk
        del chunk  # before the next is read
