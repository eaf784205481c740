"""Whether a load can be undone: not where something later builds on it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from dog.core.iso_weeks import iso_time
from dog.core.spoken import counted, in_words
from dog.errors import Conflict
from dog.services.data.loads.file_load import kept_journals, rows_of
from dog.services.runtime import Runtime
from dog.services.weekly.plan_replay import latest_published
from dog.storage.load_events import LoadedEvents, read_load_events
from dog.storage.load_journal import OF_TENANT, find_in_journal, read_journal, read_rows
from dog.storage.load_records import RUNNING, UNDONE, LoadRecord, list_loads
from dog.storage.quarantine import count_waiting_load
from dog.storage.store import Store
from dog.storage.week_archive import closed_until

UNCHECKED = ("attributes", "contacts")
"""Rows that a load adds where they are missing: they stay where something else needs them."""


@dataclass(frozen=True, slots=True)
class CountedEvents:
    """Outcomes of a load that published weeks count, and when the earliest of them occurred."""

    count: int = 0
    earliest_ms: int | None = None


def refuse_state(record: LoadRecord) -> None:
    """Raise `Conflict` if a load is running, undone, or too old to be undone."""
    if record.state == UNDONE:
        raise Conflict(f"load {record.load_id} is undone already", code="load_undone")
    if record.state == RUNNING:
        raise Conflict(
            f"load {record.load_id} is running; stop it, or wait for its end",
            code="load_running",
        )
    if not record.has_journal:
        raise Conflict(
            f"load {record.load_id} can no longer be undone: "
            f"only the newest {in_words(kept_journals(record.kind))} loads of {record.kind} can",
            code="load_too_old",
        )


def check_events(runtime: Runtime, store: Store, record: LoadRecord) -> CountedEvents:
    """Return what published weeks count of a load's events; raise `Conflict` if later events need them."""
    latest = latest_published(store, runtime.settings.zone)
    found, counted_events = 0, CountedEvents()
    for partition in range(store.tenant.partition_count):
        for one in read_load_events(store, record.load_id, partition):
            _refuse_dependents(record, one)
            found += len(one.own)
            if latest is not None:
                version, end_ms = latest
                times = one.counted_before(end_ms, version.arrivals[partition])
                counted_events = _added(counted_events, times.tolist())
    _refuse_archived(store, record, found)
    return counted_events


def _added(before: CountedEvents, times: list[int]) -> CountedEvents:
    known = [at for at in (before.earliest_ms, *times) if at is not None]
    return replace(before, count=before.count + len(times), earliest_ms=min(known, default=None))


def _refuse_dependents(record: LoadRecord, one: LoadedEvents) -> None:
    for event_id, _, _, _, extras in one.dependents():
        load = extras.get("i")
        pitch, of = f"names the pitch '{extras['p']}' of load {record.load_id}", f"event '{event_id}'"
        if load:
            raise Conflict(f"{of} of load {load} {pitch}; {_first(load)}", code="load_in_use")
        raise Conflict(f"{of} {pitch}; retract it first, or leave the load as it is", code="load_in_use")


def _first(load_id: str) -> str:
    return f"undo that load first: dog loads undo {load_id}"


def _refuse_archived(store: Store, record: LoadRecord, found: int) -> None:
    if closed_until(store) <= record.closed_until_ms:
        return
    missing = record.accepted + record.quarantined - found - count_waiting_load(store, record.load_id)
    if missing > 0:
        raise Conflict(
            f"{counted(missing, 'event')} of load {record.load_id} are archived by now; their counts are final",
            code="week_closed",
        )


def check_rows(store: Store, record: LoadRecord) -> None:
    """Raise `Conflict` if rows of a load were changed since."""
    for data in rows_of(store, record.kind):
        if data == "attributes" or (data in UNCHECKED and record.kind != "contacts"):
            continue
        for partition in partitions_of(store, data):
            for rows in read_journal(store, record.load_id, data, partition):
                current = read_rows(store, data, partition, [row.field for row in rows])
                for row, now in zip(rows, current, strict=True):
                    if not row.is_current(now):
                        raise _changed(store, record, data, partition, row.field)


def partitions_of(store: Store, data: str) -> list[int | None]:
    """Return the partitions of rows; None for those of the tenant."""
    return [None] if data in OF_TENANT else list(range(store.tenant.partition_count))


def _changed(store: Store, record: LoadRecord, data: str, partition: int | None, field: bytes) -> Conflict:
    what = f"model {field.decode()}" if data == "model_dates" else data.replace("-", " of ")
    for later in _later(store, record):
        if find_in_journal(store, later.load_id, data, partition, field):
            at = iso_time(later.at_ms, "seconds")
            return Conflict(
                f"load {later.load_id} ({later.file}, {at}) changed rows of load {record.load_id} ({what}); "
                f"{_first(later.load_id)}",
                code="load_in_use",
            )
    return Conflict(
        f"rows of load {record.load_id} ({what}) were changed since, over HTTP or by a job; "
        "load them as they should be",
        code="load_in_use",
    )


def _later(store: Store, record: LoadRecord) -> Iterator[LoadRecord]:
    """Yield the later loads, newest first."""
    return (one for one in list_loads(store) if one.load_id > record.load_id and one.state != UNDONE)
