"""Archive closed weeks: write their events to Parquet files, compact their outcomes, forget their ids.

A week is due `DOG_ARCHIVE_AFTER_WEEKS` weeks after it was published. It is closed first, so that none of its events
is accepted any more; then each partition's events are written to files, and only then removed from Redis.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

from dog.core.iso_weeks import DAY_MS, WEEK_MS, format_week, week_end_ms, week_of
from dog.core.learning.compaction import carry_forward
from dog.core.records import OUTCOME, VERDICT
from dog.services.job_lease import Lease
from dog.services.policies.policy_store import policies_by_name
from dog.services.runtime import Runtime
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

SETTLE_SECONDS = 2.0
"""Requests that were running when the weeks were closed have ended after this time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Archived:
    """What a run of the archive job did."""

    closed: str  # the last week closed
    events: int
    ids: int
    votes: int  # verdicts that acted beyond their contact


def archive(runtime: Runtime, tenant: str, report: Callable[[float], None] = lambda _: None) -> Archived | None:
    """Archive every week that is due; None where none is.

    Raises
    ------
    Conflict
        Another process is doing it.

    """
    store = runtime.store(tenant)
    week = last_closed_week(store, runtime.clock(), runtime.settings.archive_after_weeks)
    if week is None:
        return None
    until_ms = week_end_ms(week, runtime.settings.zone)
    if closed_until(store) >= until_ms and not _is_unfinished(store):
        return None
    folder = runtime.settings.data_dir / "archive" / tenant
    with Lease(store, "archive", runtime.stopping) as lease:
        job = Job(
            job_id=new_job_id(),
            name="archive",
            state="running",
            created_at_ms=runtime.clock(),
            started_at_ms=runtime.clock(),
            holder=lease.holder,
        )
        put_job(store, job)
        close_weeks(store, until_ms)
        _mark_unfinished(store, unfinished=True)
        runtime.wait(SETTLE_SECONDS)
        forgotten_week = max(0, week_of(until_ms, runtime.settings.zone) - 1)
        events = ids = votes = 0
        for partition in range(store.tenant.partition_count):
            lease.renew()
            events += _archive_partition(runtime, store, partition, until_ms, folder)
            votes += _remove_old_votes(store, partition, until_ms)
            ids += forget_ids(store, partition, forgotten_week)
            report((partition + 1) / store.tenant.partition_count)
        forget_calls(store, forgotten_week)
        _mark_unfinished(store, unfinished=False)
        archived = Archived(closed=format_week(week), events=events, ids=ids, votes=votes)
        put_job(
            store, replace(job, state="done", progress=1.0, finished_at_ms=runtime.clock(), counts=asdict(archived))
        )
    return archived


def archive_files(runtime: Runtime, tenant: str, partition: int) -> list[Path]:
    """List the files that may hold events of a partition's contacts."""
    return sorted((runtime.settings.data_dir / "archive" / tenant).glob(f"*/{partition:02}.parquet"))


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


def _archive_partition(runtime: Runtime, store: Store, partition: int, until_ms: int, folder: Path) -> int:
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
    _write_files(rows, partition, folder, runtime)
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


def _write_files(rows: list[dict[str, Any]], partition: int, folder: Path, runtime: Runtime) -> None:
    """Add rows to the files of their weeks, one a week and partition; each file is replaced as a whole."""
    import pandas as pd  # noqa: PLC0415  # half a second to import, for this job alone

    table = pd.DataFrame(rows, columns=list(FEEDBACK_COLUMNS))
    zone = runtime.settings.zone
    instants = pd.to_datetime(table["occurred_at"], utc=True)
    weeks = [format_week(week_of(int(instant.timestamp() * 1000), zone)) for instant in instants]
    for week, part in table.groupby(weeks):
        _add_to_file(part, folder / str(week) / f"{partition:02}.parquet")


def _add_to_file(rows: "pd.DataFrame", file: Path) -> None:
    """Add rows to a file, except those that it has: of a run that died before its end."""
    import pandas as pd  # noqa: PLC0415  # as above

    if file.exists():
        rows = pd.concat([pd.read_parquet(file), rows]).drop_duplicates("event_id")
    file.parent.mkdir(parents=True, exist_ok=True)
    _replace_file(rows, file)


def _replace_file(rows: "pd.DataFrame", file: Path) -> None:
    unfinished = file.with_suffix(".part")
    rows.to_parquet(unfinished, index=False)
    unfinished.replace(file)


def split_archive(runtime: Runtime, before: Tenant, after: Tenant) -> None:
    """Share out the files of a tenant that gets more partitions; a repeated call changes nothing."""
    import pandas as pd  # noqa: PLC0415  # as above

    for partition in range(before.partition_count):
        for file in archive_files(runtime, before.name, partition):
            table = pd.read_parquet(file)
            numbers = np.array(after.partition_numbers(after.contacts(table["contact_id"])), np.int64)
            for new in sorted({*numbers.tolist()} - {partition}):
                _add_to_file(table[numbers == new], file.with_name(f"{new:02}.parquet"))
            if (numbers != partition).any():
                _replace_file(table[numbers == partition], file)
