"""Move cold data out of Redis where `DOG_ARCHIVE` is set: decisions older than a day, arrays of older versions.

What is moved is written, read back and named before it leaves Redis. A run may be killed anywhere: the next continues
with what is named, and removes the files that are not.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from dog.batched import batched
from dog.services.job_lease import Interrupted, Lease
from dog.services.runtime import Runtime
from dog.storage.archived_decisions import drop_expired_segments, move_rows
from dog.storage.archived_versions import archive_version, find_cold_versions, restore_version
from dog.storage.cold_data import cold_folder, put_decision_segment, read_segments, remove_leftovers
from dog.storage.old_decisions import read_old_decisions
from dog.storage.segments import GROUP_ROWS, Segment, SegmentRow, read_groups, write_segment
from dog.storage.store import Store

HOT_MS = 86_400_000
"""A decision stays in Redis for a day: verdicts and most pitches come by then."""


def archive_decisions(store: Store, lease: Lease) -> int:
    """Move old decisions, as the holder of the lease `archive`; return how many."""
    drop_expired_segments(store, lease.renew)
    moved, segments = 0, read_segments(store).decisions
    for number, segment in segments.items():
        if not segment.is_moved:  # a run was killed amid it
            moved += _move(store, lease, number, segment, read_groups(store.archive, segment))
    number, folder = max(segments, default=0), cold_folder(store)
    for rows in read_old_decisions(store, HOT_MS):
        number += 1
        lease.renew()
        segment = write_segment(store.archive, folder, rows, store.tenant.partition_count)
        _name(store, lease, number, segment)
        moved += _move(store, lease, number, segment, batched(rows, GROUP_ROWS))
    return moved


def _move(store: Store, lease: Lease, number: int, segment: Segment, groups: Iterable[Sequence[SegmentRow]]) -> int:
    moved = move_rows(store, number, groups)
    _name(store, lease, number, replace(segment, is_moved=True))
    lease.renew()
    return moved


def _name(store: Store, lease: Lease, number: int, segment: Segment) -> None:
    if not put_decision_segment(store, number, segment, lease.token):
        raise Interrupted("fenced", "this process was suspended beyond its lease, and another has taken over")


def archive_versions(runtime: Runtime, store: Store, archiving: Lease) -> int:
    """Move the arrays of older versions, and remove leftover files, as the holder of the lease `archive`.

    Return how many versions are archived. Raise `Conflict` if the weekly job runs.
    """
    with Lease(store, "recompute", runtime.stopping) as weekly, Lease(store, "versions", runtime.stopping) as lease:

        def renew() -> None:
            for held in (archiving, weekly, lease):
                held.renew()

        versions = find_cold_versions(store)
        archived = sum(archive_version(store, version, lease.token, renew) for version in versions)
        remove_leftovers(store, renew)
    return archived


def warm_version(runtime: Runtime, store: Store, version: str) -> None:
    """Bring the arrays of a version back to Redis, if they are archived.

    Raises
    ------
    Conflict
        They are being moved now.
    ArchiveUnavailable
        The archive cannot be reached.

    """
    with Lease(store, "versions", runtime.stopping) as lease:
        restore_version(store, version, lease.renew)
