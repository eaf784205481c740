"""`python -m dog load`: files of products, contacts, scores, feedback and transactions."""

import gc
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

import click

from dog.bootstrap import JOB_SECONDS, build_runtime
from dog.cli.terminal import progress_bar
from dog.services.data.import_feedback import import_feedback
from dog.services.data.import_rows import CHUNK_ROWS, IMPORTS, import_rows
from dog.services.data.read_rows import DataFile, Row
from dog.services.data.row_values import RowCounts, RowOutcome
from dog.services.data.table_files import csv_line
from dog.services.data.unknown_rows import describe_unknown
from dog.services.feedback.release_quarantine import release_quarantine
from dog.services.feedback.screen_names import NameScreen
from dog.services.runtime import Runtime
from dog.services.weekly.fit_policies import refresh_consolidation
from dog.services.weekly.plan_replay import describe_late
from dog.storage.audit_log import record_audit_entry
from dog.storage.event_log import Status
from dog.storage.sender import FILE
from dog.storage.store import Store

KINDS = ("products", "contacts", "scores", "feedback", "transactions")
FEEDBACK_CHUNK_ROWS = 50_000
ROWS_A_COLLECTION = 500_000
"""Allocations between two collections of the youngest generation."""


@click.command()
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_obj
def load(tenant: str, kind: str, file: Path) -> None:
    """Load a CSV, NDJSON or Parquet FILE (.gz too); rejected rows go to FILE.rejected.csv."""
    with build_runtime(timeout_seconds=JOB_SECONDS) as runtime:
        counts, rejected = load_file(runtime, tenant, kind, file)
        store = runtime.store(tenant)
        late = describe_late(store, runtime.settings.zone) if counts.in_published_weeks else None
        unknown = describe_unknown(store, counts.unknown)
    click.echo(f"{kind}: {counts}")
    for line in unknown:
        click.echo(line)
    if late is not None:
        click.echo(late)
    if rejected is not None:
        reasons = ", ".join(f"{code} {count:,}" for code, count in sorted(counts.by_code.items()))
        click.echo(f"rejected rows and why: {rejected} ({reasons})", err=True)
        raise click.exceptions.Exit(1)


def load_file(runtime: Runtime, tenant: str, kind: str, path: Path) -> tuple[RowCounts, Path | None]:
    """Load a file, showing progress; return the counts, and the file of rejected rows if there are any.

    To complete an interrupted load, load the same file again: rows that are already loaded count as duplicates.
    """
    store = runtime.store(tenant, create=True)
    data, counts = DataFile(path), RowCounts()
    rejects = _Rejects(path.with_name(path.name + ".rejected.csv"))
    with _rare_collections(), progress_bar(f"loading {kind}") as report:
        for chunk, found in _imported(runtime, store, kind, data.rows(leave_empty=kind == "feedback"), counts):
            rejected = counts.rejected
            results = _with_broken_lines(chunk, found)
            counts.add(results)
            if counts.rejected > rejected:
                rejects.add(chunk, results)
            report(data.read_bytes / max(data.size_bytes, 1))
    record_audit_entry(store.redis, tenant, "rows.load", kind, accepted=counts.accepted, file=path.name)
    if kind == "scores" and counts.accepted:
        refresh_consolidation(store, runtime.clock())
    if kind != "feedback":
        release_quarantine(runtime, store)
    return counts, rejects.close()


def _with_broken_lines(chunk: Sequence[Row], found: Sequence[RowOutcome]) -> Sequence[RowOutcome]:
    """Return one result per row, given those of the readable rows."""
    if len(found) == len(chunk):
        return found
    results = iter(found)
    return [
        next(results) if row.fault is None else RowOutcome(Status.REJECTED, "broken_line", row.fault) for row in chunk
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


class _Rejects:
    """The file of rejected rows, created with the first of them."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: TextIO | None = None
        path.unlink(missing_ok=True)

    def add(self, rows: Sequence[Row], results: Sequence[RowOutcome]) -> None:
        for row, result in zip(rows, results, strict=True):
            if result.status is Status.REJECTED:
                self._add(row, result)

    def _add(self, row: Row, result: RowOutcome) -> None:
        if self._file is None:
            self._file = self._path.open("w", newline="", encoding="utf-8")
            self._file.write(csv_line(["line", "code", "reason", "row"]))
        shown = ";".join(f"{name}={value}" for name, value in row.fields.items() if value not in (None, ""))
        self._file.write(csv_line([row.line, result.code, result.message, shown]))

    def close(self) -> Path | None:
        if self._file is None:
            return None
        self._file.close()
        return self._path
