"""The archive job: closed weeks leave Redis, and where `DOG_ARCHIVE` is set older decisions and versions.

A week is due `DOG_ARCHIVE_AFTER_WEEKS` weeks after it was published. It is closed first, so that none of its events
is accepted any more; then each partition's events are written to files, one a week and partition, and only then removed
from Redis: outcomes are compacted, ids forgotten. What else moves: `archive_cold.py`.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import tzinfo
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from dog.core.iso_weeks import DAY_MS, WEEK_MS, format_week, week_end_ms, week_of
from dog.core.learning.compaction import carry_forward
from dog.core.records import OUTCOME, VERDICT
from dog.errors import DogError, StoreError
from dog.services.job_lease import Lease
from dog.services.policies.policy_store import policies_by_name
from dog.services.runtime import Runtime
from dog.services.weekly.archive_cold import archive_decisions, archive_versions
from dog.storage.archive import Archive
from dog.storage.contact_lists import forget_calls
from dog.storage.event_log import read_entry
from dog.storage.event_rows import FEEDBACK_COLUMNS, event_row
from dog.storage.job_log import Job, new_job_id, put_job
from dog.storage.multiplier_versions import read_publications
from dog.storage.store import Store, Tenant
from dog.storage.votes import parse_vote, read_kept_votes, remove_votes
from dog.storage.week_archive import (
    ContactLog,
    close_weeks,
    closed_until,
    forget_ids,
    read_logs,
    replace_logs,
)

if TYPE_CHECKING:
    import pandas as pd

WEEK_FOLDER = re.compile(r"\d{4}-W\d{2}|\('\d{4}-W\d{2}',\)")
"""The second form is of earlier releases, for weeks of which a partition had a single event."""
SETTLE_SECONDS = 2.0
"""Requests that were running when the weeks were closed have ended after this time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Archived:
    """What a run of the archive job did."""

    closed: str | None = None  # the last week closed; None where none was due
    events: int = 0
    ids: int = 0
    votes: int = 0  # verdicts that acted beyond their contact
    decisions: int = 0
    versions: int = 0  # whose arrays are archived, those of earlier runs included


def archive(runtime: Runtime, tenant: str, report: Callable[[float], None] = lambda _: None) -> Archived | None:
    """Archive what is due; None where nothing can be.

    Raises
    ------
    Conflict
        Another process is doing it, or decisions are archived and the weekly job runs: then versions stay.
    ArchiveUnavailable
        The archive cannot be reached; nothing is lost, and the next run continues.

    """
    store = runtime.store(tenant)
    week = _due_week(runtime, store)
    if week is None and not store.archive.takes_cold:
        return None
    with Lease(store, "archive", runtime.stopping) as lease, lease.kept():
        job = Job(
            job_id=new_job_id(),
            name="archive",
            state="running",
            created_at_ms=runtime.clock(),
            started_at_ms=runtime.clock(),
            holder=lease.holder,
        )
        put_job(store, job)
        try:
            archived = Archived() if week is None else _archive_weeks(runtime, store, week, lease, report)
            if store.archive.takes_cold:
                archived = replace(archived, decisions=archive_decisions(store, lease))
                archived = replace(archived, versions=archive_versions(runtime, store, lease))
        except DogError as error:
            with suppress(StoreError):
                put_job(store, replace(job, state="failed", finished_at_ms=runtime.clock(), error=error.message))
            raise
        put_job(
            store, replace(job, state="done", progress=1.0, finished_at_ms=runtime.clock(), counts=asdict(archived))
        )
    return archived


def _due_week(runtime: Runtime, store: Store) -> int | None:
    week = last_closed_week(store, runtime.clock(), runtime.settings.archive_after_weeks)
    if week is None:
        return None
    is_closed = closed_until(store) >= week_end_ms(week, runtime.settings.zone)
    return None if is_closed and not _is_unfinished(store) else week


def _archive_weeks(
    runtime: Runtime, store: Store, week: int, lease: Lease, report: Callable[[float], None]
) -> Archived:
    until_ms = week_end_ms(week, runtime.settings.zone)
    close_weeks(store, until_ms)
    _mark_unfinished(store, unfinished=True)
    runtime.wait(SETTLE_SECONDS)
    forgotten_week = max(0, week_of(until_ms, runtime.settings.zone) - 1)
    events = ids = votes = 0
    for partition in range(store.tenant.partition_count):
        lease.renew()
        events += _archive_partition(runtime, store, partition, until_ms)
        votes += _remove_old_votes(store, partition, until_ms)
        ids += forget_ids(store, partition, forgotten_week)
        report((partition + 1) / store.tenant.partition_count)
    forget_calls(store, forgotten_week)
    _mark_unfinished(store, unfinished=False)
    return Archived(closed=format_week(week), events=events, ids=ids, votes=votes)


def archived_files(store: Store, partition: int) -> Iterator[tuple[str, bytes]]:
    """Read the files with events of a partition's contacts, week after week, each with its name."""
    for week in filter(WEEK_FOLDER.fullmatch, store.archive.folders()):
        content = store.archive.find(name := _file_name(week, partition))
        if content is not None:
            yield name, content


def archived_events(store: Store, partition: int) -> Iterator[dict[str, Any]]:
    """Read the archived events of a partition's contacts, as `FEEDBACK_COLUMNS`; None for missing values."""
    import pyarrow as pa  # noqa: PLC0415  # 0.3 s to import
    import pyarrow.parquet as pq  # noqa: PLC0415  # as above

    for name, content in archived_files(store, partition):
        with store.archive.reached(name):
            rows = pq.read_table(pa.BufferReader(content)).to_pylist()
        yield from rows


def _file_name(week: str, partition: int) -> str:
    return f"{week}/{partition:02}.parquet"


def last_closed_week(store: Store, now_ms: int, after_weeks: int) -> int | None:
    """Return the last week that, with all before it, was published long enough ago."""
    last = None
    for week, (_, published_ms) in read_publications(store).items():
        if published_ms + after_weeks * WEEK_MS > now_ms:
            break
        last = week
    return last


def _is_unfinished(store: Store) -> bool:
    trip = store.trip()
    trip.add("HEXISTS", store.keys.of("head"), "archiving")
    return bool(trip.send()[0])


def _mark_unfinished(store: Store, *, unfinished: bool) -> None:
    trip = store.trip()
    if unfinished:
        trip.add("HSET", store.keys.of("head"), "archiving", 1)
    else:
        trip.add("HDEL", store.keys.of("head"), "archiving")
    trip.send()


def _archive_partition(runtime: Runtime, store: Store, partition: int, until_ms: int) -> int:
    maturation_days = max(policy.reinforcement.maturation_days for policy in policies_by_name(store).values())
    matured_ms = min(until_ms, runtime.clock() - round(maturation_days * DAY_MS))
    changes, rows = [], []
    for read in read_logs(store, partition):
        outcomes, leaving = carry_forward(np.frombuffer(read.outcomes, OUTCOME), until_ms, matured_ms)
        verdicts = np.frombuffer(read.verdicts, VERDICT)
        old = verdicts["at"].astype(np.int64) < until_ms
        gone = {*np.frombuffer(read.outcomes, OUTCOME)["event"][leaving].tolist(), *verdicts["event"][old].tolist()}
        fields = [field for field, entry in read.log.items() if _is_removed(field, entry, gone, until_ms)]
        if fields:
            changes.append((read, outcomes, verdicts[~old], fields))
            rows += _rows(read, fields)
    _write_files(store, partition, rows, runtime.settings.zone)
    if changes:
        replace_logs(store, partition, changes)
    return len(rows)


def _remove_old_votes(store: Store, partition: int, until_ms: int) -> int:
    """Remove the votes of closed weeks; return how many."""
    old = [vote for vote in read_kept_votes(store, partition) if parse_vote(vote).at_ms < until_ms]
    remove_votes(store, partition, old)
    return len(old)


def _is_removed(field: bytes, entry: bytes, gone: set[int], until_ms: int) -> bool:
    """Return whether a log entry is removed: its record is, or it was retracted and its week is closed."""
    if int.from_bytes(field, "little") in gone:
        return True
    _, kind, at_ms, *_ = orjson.loads(entry)
    return bool(kind == 0 and at_ms < until_ms)


def _rows(read: ContactLog, fields: list[bytes]) -> list[dict[str, Any]]:
    contact_id = orjson.loads(read.record or b"{}").get("contact_id", "")
    events = (read_entry(contact_id, read.log[field]) for field in fields)
    return [event_row(event) for event in events if event is not None]


def _write_files(store: Store, partition: int, rows: list[dict[str, Any]], zone: tzinfo) -> None:
    """Add rows to the files of their weeks; each file is replaced as a whole."""
    import pandas as pd  # noqa: PLC0415  # half a second to import, for this job alone

    table = pd.DataFrame(rows, columns=list(FEEDBACK_COLUMNS))
    instants = pd.to_datetime(table["occurred_at"], utc=True)
    weeks = [format_week(week_of(int(instant.timestamp() * 1000), zone)) for instant in instants]
    for week, part in table.groupby(np.array(weeks, object)):  # a list of one would be a list of keys
        _add_to_file(store.archive, _file_name(str(week), partition), part)


def _add_to_file(archive: Archive, name: str, rows: "pd.DataFrame") -> None:
    """Add rows to a file, except those that it has: of a run that died before its end."""
    import pandas as pd  # noqa: PLC0415  # as above

    before = archive.find(name)
    if before is not None:
        rows = pd.concat([pd.read_parquet(BytesIO(before)), rows]).drop_duplicates("event_id")
    archive.put(name, rows.to_parquet(None, index=False))


def split_archive(store: Store, after: Tenant) -> None:
    """Share out the files of a tenant that gets more partitions; a repeated call changes nothing."""
    import pandas as pd  # noqa: PLC0415  # as above

    for partition in range(store.tenant.partition_count):
        for name, content in archived_files(store, partition):
            with store.archive.reached(name):
                table, week = pd.read_parquet(BytesIO(content)), name.partition("/")[0]
            numbers = np.array(after.partition_numbers(after.contacts(table["contact_id"])), np.int64)
            for new in sorted({*numbers.tolist()} - {partition}):
                _add_to_file(store.archive, _file_name(week, new), table[numbers == new])
            if (numbers != partition).any():
                store.archive.put(name, table[numbers == partition].to_parquet(None, index=False))
