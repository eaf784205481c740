"""Export contacts, scores, feedback and multipliers by tasks, which read and pack parts; these are joined in order.

The file is the same, byte for byte, wherever the tasks run, and no process holds more than some parts of it.
"""

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from dog.core.iso_weeks import iso_time
from dog.core.records import CONTACT_LEVEL
from dog.services.data.table_files import pack_rows, write_parts
from dog.services.pairs.read_multipliers import PAIR_COLUMNS, partition_rows, read_pair_numbers
from dog.services.runner import Runner
from dog.services.runner_tasks import Edge
from dog.services.runtime import Runtime
from dog.services.weekly.archive_weeks import archived_events
from dog.storage.catalogue import read_attributes, read_catalogue, read_models
from dog.storage.contacts import unpack_scores
from dog.storage.event_log import read_entry
from dog.storage.event_rows import FEEDBACK_COLUMNS, event_row
from dog.storage.store import Store
from dog.storage.stretches import read_hash
from dog.storage.week_archive import read_logs

CONTACTS = ("contact_id", "account_id", "name", "segment", "channels")
SCORES = ("contact_id", "product_id", "model", "score", "as_of")
FASTEST = 1
"""Level of compression of a part on its way to the leader."""

PARTED = ("contacts", "scores", "feedback", "multipliers")
"""The kinds that are exported by parts."""
PAIR_TEXTS = frozenset({"contact_id", "product_id", "version", "as_of"})

ReadPart = Callable[[Store, Any], Iterable[dict[str, Any]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportTask:
    """What all tasks of an export are given."""

    tenant: str
    read: ReadPart
    file: str  # its name, whose ending is the format
    columns: tuple[str, ...]
    numbers: frozenset[str]  # columns that hold numbers, in Parquet
    level: int  # of compression


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedPart:
    """The rows of a part, packed."""

    written: int
    nameless: int  # left out: only a hash of their contact is known
    packed: bytes


def export_parts(
    runner: Runner, runtime: Runtime, store: Store, kind: str, file: Path, policy: str | None, report: Edge
) -> tuple[int, int]:
    """Write all rows of a kind to a file, atomically; return what `export_rows` does."""
    parts, task = _plan(runner, runtime, store, kind, file, policy)
    written = nameless = 0
    with write_parts(file, task.columns, task.numbers) as add:
        for part in runner.map(export_part, parts, task, edge=report):
            add(zlib.decompress(part.packed))
            written, nameless = written + part.written, nameless + part.nameless
    return written, nameless


def _plan(
    runner: Runner, runtime: Runtime, store: Store, kind: str, file: Path, policy: str | None
) -> tuple[list[Any], ExportTask]:
    partitions = range(store.tenant.partition_count)
    parts: list[Any] = list(partitions)
    read: ReadPart
    if kind == "scores":
        read, columns, numbers = _scores, list(SCORES), {"score"}
        parts = [(model, partition) for model in read_models(store) for partition in partitions]
    elif kind == "feedback":
        read, columns, numbers = _feedback, list(FEEDBACK_COLUMNS), {"value", "propensity"}
    elif kind == "multipliers":
        read = partial(partition_rows, numbers=read_pair_numbers(runtime, store, policy))
        columns, numbers = list(PAIR_COLUMNS), {*PAIR_COLUMNS} - PAIR_TEXTS
    else:
        read, attributes = _contacts, read_attributes(store)[1]
        columns = with_attributes(CONTACTS, attributes)
        numbers = {name for name, of in attributes.items() if of == "number"} if file.suffix == ".parquet" else set()
        if numbers:
            numbers.difference_update(*runner.map(inexact_attributes, parts, store.tenant.name, frozenset(numbers)))
    level = FASTEST if runner.workers > 1 else 0
    return parts, ExportTask(
        tenant=store.tenant.name,
        read=read,
        file=file.name,
        columns=tuple(columns),
        numbers=frozenset(numbers),
        level=level,
    )


def export_part(runtime: Runtime, part: Any, task: ExportTask) -> ExportedPart:
    """Read a part and pack its rows."""
    found = list(task.read(runtime.store(task.tenant), part))
    rows = [row for row in found if row.get("contact_id") is not None]
    packed = pack_rows(task.file, task.columns, task.numbers, rows)
    return ExportedPart(written=len(rows), nameless=len(found) - len(rows), packed=zlib.compress(packed, task.level))


def inexact_attributes(runtime: Runtime, partition: int, tenant: str, names: frozenset[str]) -> set[str]:
    """Return which attributes of a partition's contacts are not all numbers."""
    return inexact_columns(names, _contacts(runtime.store(tenant), partition))


def inexact_columns(names: AbstractSet[str], rows: Iterable[Mapping[str, Any]]) -> set[str]:
    """Return which columns hold something that is no number that a double represents exactly."""
    return {name for row in rows for name in names if not _is_exact(row.get(name))}


def _is_exact(value: Any) -> bool:
    """Return whether a value is missing or exactly representable as a double."""
    if value is None or isinstance(value, float):
        return True
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= 1 << 53


def with_attributes(first: tuple[str, ...], attributes: Mapping[str, str]) -> list[str]:
    """Return the columns of a kind: the first ones, then the tenant's own."""
    return [*first, *sorted(set(attributes) - set(first))]


def _contacts(store: Store, partition: int) -> Iterator[dict[str, Any]]:
    return map(orjson.loads, read_hash(store, store.keys.partition(partition).of("contacts")).values())


def _scores(store: Store, part: tuple[str, int]) -> Iterator[dict[str, Any]]:
    model, partition = part
    ids = read_catalogue(store).ids
    names = {contact: orjson.loads(record)["contact_id"] for contact, record in _records(store, partition)}
    for contact, packed in read_hash(store, store.keys.partition(partition).of("scores", model)).items():
        as_of_ms, scores = unpack_scores(packed)
        # the shortest decimal that parses to the same 32 bits
        for number, score in zip(scores["product"].tolist(), map(str, scores["score"]), strict=True):
            product = None if number == CONTACT_LEVEL else ids[number]
            row = (names.get(contact), product, model, float(score), iso_time(as_of_ms))
            yield dict(zip(SCORES, row, strict=True))


def _feedback(store: Store, partition: int) -> Iterator[dict[str, Any]]:
    seen: set[str] = set()
    for read in read_logs(store, partition):
        contact_id = orjson.loads(read.record or b"{}").get("contact_id")
        events = filter(None, (read_entry(contact_id, entry) for entry in read.log.values()))
        for event in sorted(events, key=lambda event: (event.occurred_at_ms, event.event_id)):
            seen.add(event.event_id)
            yield event_row(event)
    # after the logs: an event is archived before it is deleted from its log
    yield from (row for row in archived_events(store, partition) if row["event_id"] not in seen)


def _records(store: Store, partition: int) -> Iterable[tuple[bytes, bytes]]:
    return read_hash(store, store.keys.partition(partition).of("contacts")).items()
