"""Export rows to a file: products, contacts, scores and feedback as `load` reads them; decisions and multipliers.

Tasks read and pack the parts of a kind, which are joined in order. The file is the same, byte for byte, wherever the
tasks run. A task holds the records of one part, and its rows packed and compressed; the leader some such parts.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from isal import isal_zlib as zlib  # the format of zlib at five times its speed

from dog.batched import batched
from dog.services.data.export_parts import ReadPart, plan_export
from dog.services.data.table_files import BATCH_ROWS, pack_rows, write_parts
from dog.services.runner import LocalRunner, Runner
from dog.services.runner_tasks import Edge, no_edge
from dog.services.runtime import Runtime
from dog.storage.store import Store

FASTEST = 1
"""Level of compression of rows on their way to the leader."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportTask:
    """What all tasks of an export are given."""

    tenant: str
    read: ReadPart
    file: str  # its name, whose ending is the format
    columns: tuple[str, ...]
    numbers: frozenset[str]  # columns that hold numbers, in Parquet
    id_column: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedPart:
    """The rows of a part, packed."""

    written: int
    nameless: int  # left out: only a hash of their contact is known
    stretches: tuple[bytes, ...]  # of some thousand rows each, packed and compressed


def export_rows(
    runtime: Runtime,
    tenant: str,
    kind: str,
    file: Path,
    policy: str | None = None,
    report: Edge = no_edge,
    runner: Runner | None = None,
) -> tuple[int, int]:
    """Write all rows of a kind to a file, atomically; `policy` selects multipliers.

    `runner` runs the tasks; this process alone reads archived weeks that are not where DOG_ARCHIVE says.

    Return how many rows were written, and how many were left out because only a hash of their contact is known.
    Raise `InvalidInput` if the suffix of the file is unknown, `NotFound` if the tenant or the policy is.
    """
    store = runtime.store(tenant)
    if runner is None or (kind == "feedback" and _is_archive_local(store)):
        runner = LocalRunner(runtime)
    plan = plan_export(runtime, store, kind, policy)
    numbers = plan.numbers
    if plan.attributes and file.suffix == ".parquet":
        inexact = runner.map(inexact_attributes, plan.parts, tenant, plan.read, plan.attributes)
        numbers |= plan.attributes.difference(*inexact)
    task = ExportTask(
        tenant=tenant,
        read=plan.read,
        file=file.name,
        columns=plan.columns,
        numbers=numbers,
        id_column=plan.id_column,
    )
    written = nameless = 0
    with write_parts(file, task.columns, task.numbers) as add:
        for part in runner.map(export_part, plan.parts, task, edge=report):
            for stretch in part.stretches:
                add(zlib.decompress(stretch))
            written, nameless = written + part.written, nameless + part.nameless
    return written, nameless


def _is_archive_local(store: Store) -> bool:
    """Return whether archived weeks are in the default folder, which other machines do not have."""
    return not store.archive.takes_cold and any(store.archive.folders())


def export_part(runtime: Runtime, part: Any, task: ExportTask) -> ExportedPart:
    """Read a part and pack its rows, stretch by stretch."""
    written = nameless = 0
    stretches = []
    for found in batched(task.read(runtime.store(task.tenant), part), BATCH_ROWS):
        rows = [row for row in found if row.get(task.id_column) is not None]
        packed = pack_rows(task.file, task.columns, task.numbers, rows)
        stretches.append(zlib.compress(packed, FASTEST))
        written, nameless = written + len(rows), nameless + len(found) - len(rows)
    return ExportedPart(written=written, nameless=nameless, stretches=tuple(stretches))


def inexact_attributes(runtime: Runtime, part: Any, tenant: str, read: ReadPart, names: frozenset[str]) -> set[str]:
    """Return which attributes of a part's rows are not all numbers that a double represents exactly."""
    return {name for row in read(runtime.store(tenant), part) for name in names if not _is_exact(row.get(name))}


def _is_exact(value: Any) -> bool:
    """Return whether a value is missing or exactly representable as a double."""
    if value is None or isinstance(value, float):
        return True
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= 1 << 53
