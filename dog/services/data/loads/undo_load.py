"""Undo a load: its events vanish, its rows become what they were.

check -> mark published weeks -> state `undoing` -> events -> rows -> counts of unknown names -> state `undone`

Killed anywhere and repeated, it completes: each step finds what is left to do, and none checks again.
"""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace

import orjson

from dog.services.data.loads.check_undo import check_events, check_rows, partitions_of, refuse_state
from dog.services.data.loads.file_load import rows_of
from dog.services.job_lease import MOST_WAITS, WAIT_SECONDS, hold_lease
from dog.services.runner import LocalRunner
from dog.services.runtime import Runtime
from dog.services.weekly.fit_policies import refresh_consolidation
from dog.services.weekly.plan_replay import describe_late, latest_published
from dog.storage.audit_log import record_audit_entry
from dog.storage.catalogue import read_catalogue
from dog.storage.contacts import array_commands, read_partitions
from dog.storage.late_outcomes import note_undone
from dog.storage.load_events import read_load_events, remove_events
from dog.storage.load_journal import (
    CONTACTS,
    TRANSACTIONS,
    NotedRow,
    drop_journal,
    read_journal,
    read_rows,
    undo_rows,
)
from dog.storage.load_records import RUNNING, UNDOING, UNDONE, LoadRecord, put_load, read_load
from dog.storage.name_counts import uncount_unknown_names
from dog.storage.purchase_counts import count_by_contact
from dog.storage.quarantine import count_waiting, drop_waiting_load
from dog.storage.store import Store

LEASES = ("undo", "recompute", "archive")
"""Jobs that must not run meanwhile."""
CONTACTS_PER_TRIP = 100
CHANGED_PARTS = ("catalogue", "attributes", "models")
"""Fields of the head by which processes read the changed parts again."""

Report = Callable[[float], object]


@dataclass(slots=True, kw_only=True)
class UndoneLoad:
    """What was undone."""

    record: LoadRecord
    events: int = 0
    rows: int = 0
    kept_rows: int = 0  # changed while it ran
    late: str | None = None  # what the next recompute does, where published weeks count some of the events


def undo_load(runtime: Runtime, tenant: str, load_id: str, report: Report = lambda _: None) -> UndoneLoad:
    """Undo a load, or complete an undo that was stopped.

    Raises
    ------
    NotFound
        No load has that id.
    Conflict
        It is undone or running, too old, or something later builds on it; the message says what. Nothing was changed.

    """
    store = runtime.store(tenant)
    with ExitStack() as stack:
        for name in LEASES:
            hold_lease(stack, runtime, store, name)
        record = _ended(runtime, store, load_id)
        if record.state != UNDOING:
            record = _begin(runtime, store, record)
        done = UndoneLoad(record=record)
        if record.kind == "feedback":
            _undo_events(store, done, report)
        _undo_rows(store, done)
        drop_journal(store, load_id, rows_of(store, record.kind))
        uncount_unknown_names(store, {(kind, name): count for kind, name, count in record.unknown})
        if (latest := latest_published(store, runtime.settings.zone)) is not None and record.kind == "feedback":
            note_undone(store, latest[0], 0, None)  # late ones among them are counted again
        done.record = replace(record, state=UNDONE, has_journal=False)
        put_load(store, done.record)
    record_audit_entry(store.redis, tenant, "rows.undo", record.kind, load=load_id, file=record.file)
    if record.kind == "scores":
        refresh_consolidation(LocalRunner(runtime), store, runtime.clock())
    done.late = describe_late(store, runtime.settings.zone) if record.kind == "feedback" else None
    return done


def _ended(runtime: Runtime, store: Store, load_id: str) -> LoadRecord:
    """Read a load; wait for the last sign of life of one that was killed to expire."""
    for _ in range(MOST_WAITS):
        if (record := read_load(store, load_id)).state != RUNNING:
            break
        runtime.wait(WAIT_SECONDS)
    return record


def _begin(runtime: Runtime, store: Store, record: LoadRecord) -> LoadRecord:
    """Check that a load can be undone, and record that its undo has begun."""
    refuse_state(record)
    check_rows(store, record)
    if record.kind == "feedback":
        counted = check_events(runtime, store, record)
        latest = latest_published(store, runtime.settings.zone)
        if counted.count and latest is not None:
            note_undone(store, latest[0], counted.count, counted.earliest_ms)
    begun = replace(record, state=UNDOING)
    put_load(store, begun)
    return begun


def _undo_events(store: Store, done: UndoneLoad, report: Report) -> None:
    load_id = done.record.load_id
    numbers = read_catalogue(store).numbers
    if count_waiting(store):
        done.events += drop_waiting_load(store, load_id)
    for partition in range(store.tenant.partition_count):
        waiting = []
        for one in read_load_events(store, load_id, partition):
            waiting.append(one)
            if len(waiting) >= CONTACTS_PER_TRIP:
                done.events += remove_events(store, load_id, partition, waiting, numbers)
                waiting = []
        if waiting:
            done.events += remove_events(store, load_id, partition, waiting, numbers)
        report((partition + 1) / store.tenant.partition_count)


def _undo_rows(store: Store, done: UndoneLoad) -> None:
    load_id = done.record.load_id
    for data in rows_of(store, done.record.kind):
        for partition in partitions_of(store, data):
            for rows in read_journal(store, load_id, data, partition):
                current = read_rows(store, data, partition, [row.field for row in rows])
                if data == TRANSACTIONS:
                    _undo_purchases(store, rows, current)
                used = _used_attributes(store) if data == "attributes" else set()
                chosen = {
                    row.field: _stub(data, now) for row, now in zip(rows, current, strict=True) if row.field not in used
                }
                kept = undo_rows(store, load_id, data, partition, chosen) if chosen else 0
                done.rows, done.kept_rows = done.rows + len(chosen) - kept, done.kept_rows + kept
    store.execute_all(("HINCRBY", store.keys.of("head"), part, 1) for part in CHANGED_PARTS)


def _stub(data: str, row: bytes | None) -> bytes:
    """Return the record that a contact keeps where it has events or transactions; empty for other rows."""
    if data != CONTACTS or row is None:
        return b""
    return orjson.dumps({"contact_id": orjson.loads(row)["contact_id"]})


def _undo_purchases(store: Store, rows: Sequence[NotedRow], current: Sequence[bytes | None]) -> None:
    """Count the purchases of contacts as before, ahead of their transactions: a repeated undo finds those again."""
    chosen = [row for row, now in zip(rows, current, strict=True) if row.is_current(now)]
    before = count_by_contact({row.field: row.before for row in chosen if row.before is not None})
    store.execute_all(array_commands(store, "purchases", "", before))
    store.execute_all(
        ("HDEL", store.tenant.partition(row.field).of("purchases"), row.field) for row in chosen if row.before is None
    )


def _used_attributes(store: Store) -> set[bytes]:
    """Return the attributes that any row of products or contacts has, as they are registered."""
    found = {f"product.{name}" for record in read_catalogue(store).records for name in record}
    for records in read_partitions(store, CONTACTS):
        found |= {f"contact.{name}" for record in records.values() for name in orjson.loads(record)}
    return {name.encode() for name in found}
