"""Rehearse a load: all that it does, on a scratch store: its numbers are those of the load that follows."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dog.core.spoken import counted
from dog.errors import NotFound
from dog.services.data.data_rows import Row
from dog.services.data.load_file import load_rows
from dog.services.data.mapping.map_entries import PLAIN, FileEntry
from dog.services.data.mapping.mapped_file import open_mapped
from dog.services.data.row_values import RowCounts, RowOutcome
from dog.services.data.unknown_rows import describe_unknown
from dog.services.runtime import Runtime
from dog.services.weekly.plan_replay import describe_late
from dog.storage.event_log import Status
from dog.storage.scratch_store import ScratchStore, scratch_store
from dog.storage.store import Store

MAX_REASONS = 10
MAX_NAMES = 10
NAMED = {"products": "product", "model_dates": "model", "attributes": "attribute"}
"""Hashes of the tenant whose fields are names, and what they name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """What a load would do."""

    counts: RowCounts
    notes: Sequence[str]  # how the file was read
    created: Sequence[str]  # what would be new: "2 contacts", "model churn"
    reasons: Sequence[str]  # the first rejected rows, each with its line
    unknown: Sequence[str]
    late: str | None  # what the next recompute would do with events of published weeks


class FirstReasons:
    """Takes rejected rows, and keeps the reasons of the first."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def add(self, rows: Sequence[Row], results: Sequence[RowOutcome]) -> None:
        """Take those of the rows that were rejected."""
        if len(self.lines) < MAX_REASONS:
            refused = (
                f"line {row.line}: {result.code}: {result.message}"
                for row, result in zip(rows, results, strict=True)
                if result.status is Status.REJECTED
            )
            self.lines = [*self.lines, *refused][:MAX_REASONS]


def rehearse_file(
    runtime: Runtime,
    tenant: str,
    kind: str,
    path: Path,
    entry: FileEntry = PLAIN,
    report: Callable[[float], object] = lambda _: None,
) -> Rehearsal:
    """Return what `load_file` would do, and change nothing.

    The scratch store takes the room of the keys that the load reads or writes, in memory beside the tenant's.
    """
    source = open_mapped(kind, path, entry)
    counts, reasons = RowCounts(), FirstReasons()
    with _scratch(runtime, tenant) as (scratch, store):
        for share in load_rows(scratch, store, source, counts, reasons):
            report(share)
        late = describe_late(store, runtime.settings.zone) if counts.in_published_weeks else None
        return Rehearsal(
            counts=counts,
            notes=source.notes(),
            created=list(_created(store)),
            reasons=reasons.lines,
            unknown=describe_unknown(store, counts.unknown),
            late=late,
        )


@contextmanager
def _scratch(runtime: Runtime, tenant: str) -> Iterator[tuple[Runtime, ScratchStore]]:
    """Open a runtime whose tenant is a scratch store; its caches are its own."""
    source = _existing(runtime, tenant)
    with scratch_store(tenant, source) as store:
        scratch = Runtime(runtime.settings, store.redis, clock=runtime.clock, wait=runtime.wait)
        scratch.use(store)
        try:
            yield scratch, store
        finally:
            scratch.close()


def _existing(runtime: Runtime, tenant: str) -> Store | None:
    try:
        return runtime.store(tenant)
    except NotFound:
        return None


def _created(store: ScratchStore) -> Iterator[str]:
    """Yield what the scratch store has and its tenant has not: contacts by number, the rest by name."""
    source = store.copied.source
    partitions = (store.keys.partition(number).of("contacts") for number in range(store.tenant.partition_count))
    touched = [key for key in partitions if source is None or key in store.copied.known]
    lengths = [of.execute_all(("HLEN", key) for key in touched) for of in (store, source) if of]
    if (new := sum(lengths[0]) - sum(lengths[1] if source else ())) > 0:
        yield counted(new, "contact")
    for name, noun in NAMED.items():
        names = _fields(store, name) - (_fields(source, name) if source else set())
        if names:
            yield f"{counted(len(names), noun)} ({_shortened(sorted(names))})"


def _fields(store: Store, name: str) -> set[str]:
    return {field.decode() for field in store.execute("HKEYS", store.keys.of(name))}


def _shortened(names: Sequence[str]) -> str:
    return ", ".join([*names[:MAX_NAMES], *(["..."] if len(names) > MAX_NAMES else [])])
