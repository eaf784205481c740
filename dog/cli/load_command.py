"""`python -m dog load`: files of products, contacts, scores, feedback and transactions."""

import gc
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from dog.bootstrap import JOB_SECONDS, build_runtime
from dog.services.data.import_feedback import import_feedback
from dog.services.data.import_rows import CHUNK_ROWS, IMPORTS, import_rows
from dog.services.data.read_rows import DataFile, Row
from dog.services.data.row_values import RowCounts, RowOutcome
from dog.services.data.table_files import csv_line
from dog.services.policies.policy_store import default_policy
from dog.services.runtime import Runtime
from dog.services.weekly.calibrate_models import calibrate_models
from dog.storage.audit_log import record_audit_entry
from dog.storage.event_log import Status
from dog.storage.store import Store

KINDS = ("products", "contacts", "scores", "feedback", "transactions")
FEEDBACK_CHUNK_ROWS = 50_000
ROWS_A_COLLECTION = 500_000


@click.command()
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_obj
def load(options: Any, kind: str, file: Path) -> None:
    """Load a CSV, NDJSON or Parquet FILE (.gz too); rejected rows go to FILE.rejected.csv."""
    runtime = build_runtime(timeout_seconds=JOB_SECONDS)
    try:
        counts, rejected = load_file(runtime, options.tenant, kind, file)
    finally:
        runtime.close()
    line = f"{kind}: {counts.accepted:,} accepted, {counts.duplicates:,} duplicates, {counts.rejected:,} rejected"
    click.echo(line)
    if rejected is not None:
        reasons = ", ".join(f"{code} {count:,}" for code, count in sorted(counts.by_code.items()))
        click.echo(f"rejected rows and why: {rejected} ({reasons})", err=True)
        raise click.exceptions.Exit(1)


def load_file(runtime: Runtime, tenant: str, kind: str, path: Path) -> tuple[RowCounts, Path | None]:
    """Load a file, showing progress; what was accepted, and the file of rejected rows if there are any.

    A load that was cut short is made good by loading the same file again: what is there counts as duplicate.
    """
    store = runtime.store(tenant, create=True)
    data, counts = DataFile(path), RowCounts()
    rejects = _Rejects(path.with_name(path.name + ".rejected.csv"))
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with _rare_collections(), Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(f"loading {kind}", total=data.size_bytes)
        for chunk, found in _imported(runtime, store, kind, data.rows(leave_empty=kind == "feedback")):
            rejected = counts.rejected
            results = _with_broken_lines(chunk, found)
            counts.add(results)
            if counts.rejected > rejected:
                rejects.add(chunk, results)
            progress.update(task, completed=data.read_bytes)
    record_audit_entry(store.redis, tenant, "rows.load", kind, accepted=counts.accepted, file=path.name)
    if kind == "scores" and counts.accepted:
        calibrate_models(store, default_policy(store))
    return counts, rejects.close()


def _with_broken_lines(chunk: Sequence[Row], found: Sequence[RowOutcome]) -> Sequence[RowOutcome]:
    """Give each row its result: what was found for those that could be read, the fault of each other."""
    if len(found) == len(chunk):
        return found
    results = iter(found)
    return [
        next(results) if row.fault is None else RowOutcome(Status.REJECTED, "broken_line", row.fault) for row in chunk
    ]


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Look for cycles seldom: rows have none, and looking through chunks of them takes a fifth of the time."""
    usual = gc.get_threshold()
    gc.set_threshold(ROWS_A_COLLECTION, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _imported(
    runtime: Runtime, store: Store, kind: str, rows: Iterator[Row]
) -> Iterator[tuple[Sequence[Row], Sequence[RowOutcome]]]:
    """Import chunk by chunk: the rows, and a result for each that could be read."""
    if kind in IMPORTS:
        for chunk in _chunks(rows, CHUNK_ROWS):
            yield chunk, import_rows(store, kind, _readable(chunk), runtime.settings.zone)
        return
    under_way: deque[Sequence[Row]] = deque()

    def readable() -> Iterator[list[dict[str, Any]]]:
        for chunk in _chunks(rows, FEEDBACK_CHUNK_ROWS):
            under_way.append(chunk)
            yield _readable(chunk)

    for found in import_feedback(store, readable(), runtime.clock, runtime.settings.zone):
        yield under_way.popleft(), found


def _readable(chunk: Sequence[Row]) -> list[dict[str, Any]]:
    return [row.fields for row in chunk if row.fault is None]


def _chunks(rows: Iterator[Row], size: int) -> Iterator[Sequence[Row]]:
    while chunk := list(islice(rows, size)):
        yield chunk
        del chunk  # before the next is read


class _Rejects:
    """The file of rejected rows, made with the first of them."""

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
