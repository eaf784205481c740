"""Load a file, or other rows, of products, contacts, scores, feedback or transactions."""

import gc
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

from dog.batched import batched
from dog.errors import StoreUnavailable
from dog.services.data.backfill.backfill_feedback import backfill_feedback
from dog.services.data.columns.gather_tables import is_scattered
from dog.services.data.columns.row_table import RowTable, table_of_rows
from dog.services.data.columns.split_scores import load_split_scores
from dog.services.data.data_rows import Row, RowFault
from dog.services.data.import_feedback import FEEDBACK_CHUNK_ROWS, import_feedback
from dog.services.data.import_rows import CHUNK_ROWS, IMPORTS, import_table
from dog.services.data.loads.file_load import FileLoad
from dog.services.data.mapping.file_columns import FILE_COLUMNS
from dog.services.data.mapping.map_entries import PLAIN, FileEntry
from dog.services.data.mapping.mapped_file import MappedFile, open_mapped
from dog.services.data.rejected_rows import RefusedLines, RejectedRows, Rejects
from dog.services.data.row_source import RowSource
from dog.services.data.row_values import RowCounts, RowOutcome
from dog.services.feedback.release_quarantine import release_quarantine
from dog.services.feedback.screen_names import NameScreen
from dog.services.runner import LocalRunner, Runner
from dog.services.runtime import Runtime
from dog.services.weekly.fit_policies import refresh_consolidation
from dog.storage.audit_log import record_audit_entry
from dog.storage.backfill_fence import is_without_feedback
from dog.storage.event_log import Status
from dog.storage.sender import FILE
from dog.storage.store import Store

HISTORY_BYTES = 1 << 20
"""Size from which a file is worth the minute in which other feedback waits."""
SPLIT_BYTES = 16 << 20
"""Size from which scores in any order are worth a file for each of their parts."""
ROWS_A_COLLECTION = 500_000
"""Allocations between two collections of the youngest generation."""

Chunk = tuple[Sequence[Row], Sequence[RowOutcome]]
"""Rows with their results."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedFile:
    """The result of rows: the counts, the file of rejected ones if there are any, how they were read.

    `load_id` is that of a load that can be undone, empty for the rows of databases.
    """

    load_id: str
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
    *,
    backfill: bool | None = None,
    runner: Runner | None = None,
    split_bytes: int = SPLIT_BYTES,
) -> LoadedFile:
    """Load a file; `entry` states how it is written, `report` is called with the share done.

    A back-fill, the description of scores, and scores of which a contact's rows lie far apart, in a file of at least
    `split_bytes`, run by `runner`, by default in this process.

    With `backfill` feedback is loaded in bulk, and other feedback of the tenant waits meanwhile; by default, a large
    file of a tenant without feedback is.

    To complete an interrupted load, load the same file again: rows that are already loaded count as duplicates.
    Raise `InvalidInput`, and change nothing, where the file as a whole cannot be read or mapped.
    """
    source = open_mapped(kind, path, entry)
    store = runtime.store(tenant, create=True)
    counts, rejects = RowCounts(), RejectedRows(source)
    runner = runner or LocalRunner(runtime)
    with FileLoad(runtime, store, kind, path.name) as load:
        if kind == "feedback" and (_is_history(store, path) if backfill is None else backfill):
            shares = backfill_feedback(runtime, load.store, source, counts, rejects, runner)
        elif kind == "scores" and path.stat().st_size >= split_bytes:
            shares = load_large_scores(runtime, load.store, source, counts, rejects, runner)
        else:
            shares = load_rows(runtime, load.store, source, counts, rejects)
        for share in shares:
            load.note(counts)
            report(share)
        load.complete(counts)
    return _conclude(runtime, store, source, counts, rejects, runner, load.record.load_id)


def _is_history(store: Store, path: Path) -> bool:
    """Return whether a file is large, and the tenant has no feedback that would have to wait."""
    return path.stat().st_size >= HISTORY_BYTES and is_without_feedback(store)


def load_source(
    runtime: Runtime, tenant: str, source: RowSource, report: Callable[[float], object] = lambda _: None
) -> LoadedFile:
    """Load the rows of a source that keeps its own place; `report` is called after each chunk."""
    store = runtime.store(tenant, create=True)
    counts, rejects = RowCounts(), RejectedRows(source)
    for share in load_rows(runtime, store, source, counts, rejects):
        report(share)
    return _conclude(runtime, store, source, counts, rejects, LocalRunner(runtime))


def _conclude(
    runtime: Runtime,
    store: Store,
    source: RowSource,
    counts: RowCounts,
    rejects: RejectedRows,
    runner: Runner,
    load_id: str = "",
) -> LoadedFile:
    """Do what follows the last row."""
    if load_id or counts.total:  # a query is read again and again, mostly without new rows
        named = {"file": source.name, "load": load_id} if load_id else {"file": source.name}
        record_audit_entry(store.redis, store.tenant.name, "rows.load", source.kind, accepted=counts.accepted, **named)
    if source.kind == "scores" and counts.accepted:
        refresh_consolidation(runner, store, runtime.clock())
    if source.kind != "feedback":
        release_quarantine(runtime, store)
    return LoadedFile(
        load_id=load_id,
        counts=counts,
        rejected=rejects.close(),
        notes=source.notes(),
        found_options=source.found_options(),
    )


def load_rows(
    runtime: Runtime, store: Store, source: RowSource, counts: RowCounts, rejects: Rejects
) -> Iterator[float]:
    """Import the rows of a source; add to the counts and the rejected rows; yield the share done after each chunk."""
    with _rare_collections():
        if source.kind in IMPORTS:
            yield from _load_tables(runtime, store, source, source.tables(), counts, rejects)
        else:
            yield from _load_feedback(runtime, store, source, counts, rejects)


def load_large_scores(
    runtime: Runtime, store: Store, source: MappedFile, counts: RowCounts, rejects: Rejects, runner: Runner
) -> Iterator[float]:
    """Load scores as their first table suggests: at once, or split by contact first."""
    tables = source.tables()
    first = list(islice(tables, 1))
    is_split = any(map(is_scattered, first))
    tables = chain(iter(first), tables)
    del first  # it is large
    with _rare_collections():
        if is_split:
            yield from load_split_scores(runtime, store, source, tables, counts, rejects, runner)
        else:
            yield from _load_tables(runtime, store, source, tables, counts, rejects)


def _load_tables(
    runtime: Runtime, store: Store, source: RowSource, tables: Iterable[RowTable], counts: RowCounts, rejects: Rejects
) -> Iterator[float]:
    for table in tables:
        runtime.store(store.tenant.name)  # refused once a newer release migrates the data
        outcomes = import_table(store, source.kind, table, runtime.settings.zone)
        outcomes.add_to(counts)
        places, results = outcomes.rejected()
        if places:
            rejects.add(table.rows(places), results)
        source.stored(table.given)
        yield source.share_read


def _load_feedback(
    runtime: Runtime, store: Store, source: RowSource, counts: RowCounts, rejects: Rejects
) -> Iterator[float]:
    refused = RefusedLines()
    size = CHUNK_ROWS if source.goes_on else FEEDBACK_CHUNK_ROWS  # how far a killed load goes back
    for chunk, results in _imported_feedback(runtime, store, source.rows(), counts, size):
        if source.goes_on:
            refuse_full(results)
        counts.add(results)
        if any(result.status is Status.REJECTED for result in results):
            rejects.add(chunk, refused.name_lines(chunk, results))
        source.stored(chunk)
        yield source.share_read


def import_chunk(
    runtime: Runtime, tenant: str, kind: str, rows: Sequence[Row], counts: RowCounts
) -> Sequence[RowOutcome]:
    """Import some rows, at most `CHUNK_ROWS`; return one result a row once they are stored."""
    store = runtime.store(tenant)
    if kind in IMPORTS:
        table = table_of_rows(rows, FILE_COLUMNS[kind].names)
        results: Sequence[RowOutcome] = import_table(store, kind, table, runtime.settings.zone).listed()
    else:
        chunks = _imported_feedback(runtime, store, iter(rows), counts, CHUNK_ROWS)
        results = [result for _, found in chunks for result in found]
    refuse_full(results)
    counts.add(results)
    return results


def refuse_full(results: Sequence[RowOutcome]) -> None:
    """Raise `StoreUnavailable` where Redis was full: the source is to be read again from here, not on from the end."""
    if any(result.code == "store_full" for result in results):
        raise StoreUnavailable("Redis is full; give it more memory and run this again: it continues where it ended")


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Collect garbage rarely: rows have no cycles, and scanning chunks of them takes a fifth of the time."""
    usual = gc.get_threshold()
    gc.set_threshold(ROWS_A_COLLECTION, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _imported_feedback(
    runtime: Runtime, store: Store, rows: Iterator[Row], counts: RowCounts, size: int
) -> Iterator[Chunk]:
    """Import chunk by chunk; yield the rows with their results.

    The store is asked for before each chunk: it is refused once a newer release migrates the data.
    """
    pending: deque[Sequence[Row]] = deque()

    def documents() -> Iterator[list[dict[str, Any] | RowFault]]:
        for chunk in batched(rows, size):
            pending.append(chunk)
            runtime.store(store.tenant.name)
            yield [row.fault or row.fields for row in chunk]

    screen = NameScreen(runtime=runtime, store=store, sender=FILE)
    for found in import_feedback(store, documents(), runtime.clock, runtime.settings.zone, screen):
        yield pending.popleft(), found
    counts.unknown.update(screen.counts)
