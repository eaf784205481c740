"""The arrays of older versions in the archive: written, read, brought back, erased.

Descriptions and baselines of all kept versions stay in Redis. A version's arrays are in Redis, or in the segments that
`cold` names; what Redis has of them beside these is what a killed process left.
"""

from collections.abc import Callable, Iterator, Sequence

from dog.storage.cold_data import (
    VERSION,
    cold_folder,
    forget_segments,
    put_version_segments,
    read_segments,
    read_segments_of,
)
from dog.storage.multiplier_versions import ARRAYS, MultiplierVersion, array_keys, read_versions, read_weeks
from dog.storage.segments import (
    SEGMENT_ROWS,
    Segment,
    SegmentRow,
    in_order,
    read_groups,
    read_rows_of,
    rewrite_segment,
    write_segment,
)
from dog.storage.store import Store
from dog.storage.stretches import read_hash

Renew = Callable[[], None]


def find_cold_versions(store: Store) -> list[MultiplierVersion]:
    """List the versions whose arrays need not be in Redis: all but the active one, and those of the newest two weeks.

    None while a replay runs, or was stopped, which may build on any of them.
    """
    active, replaying = store.execute_all(
        [("HGET", store.keys.of("head"), "multipliers"), ("EXISTS", store.keys.of("replay"))]
    )
    published = read_weeks(store)
    warm = {(active or b"").decode(), *(published[week] for week in sorted(published)[-2:])}
    return [] if replaying else [version for version in read_versions(store) if version.version not in warm]


def archive_version(store: Store, version: MultiplierVersion, token: int, renew: Renew) -> bool:
    """Move a version's arrays to the archive, as the holder of the lease `versions`.

    Return whether they left Redis: they stay if the version was made active meanwhile. What was archived before is
    only deleted.
    """
    if read_segments_of(store, version.version) is None:
        folder, segments = cold_folder(store), list[Segment]()
        for rows in _parts(_rows(store, version)):
            segments.append(write_segment(store.archive, folder, rows, store.tenant.partition_count))
            renew()
        if not put_version_segments(store, version.version, segments, token):
            return False
    for partition in range(store.tenant.partition_count):
        if partition % 64 == 0:
            renew()
        suffixes = [f"{version.version}:{policy}" for policy in version.policies]
        store.execute("UNLINK", *(key for suffix in suffixes for key in array_keys(store, partition, suffix)))
    return True


def _parts(rows: Iterator[list[SegmentRow]]) -> Iterator[list[SegmentRow]]:
    """Join the rows of partitions to parts of a segment's length; a partition's last part is joined with the next."""
    waiting: list[SegmentRow] = []
    for some in rows:
        waiting += some
        while len(waiting) >= SEGMENT_ROWS:
            yield waiting[:SEGMENT_ROWS]
            waiting = waiting[SEGMENT_ROWS:]
    if waiting:
        yield waiting


def _rows(store: Store, version: MultiplierVersion) -> Iterator[list[SegmentRow]]:
    """Read a version's arrays, partition by partition."""
    for partition in range(store.tenant.partition_count):
        rows: list[SegmentRow] = []
        for policy in version.policies:
            for name in ARRAYS:
                key = store.keys.partition(partition).of(name, f"{version.version}:{policy}")
                array = f"{name}:{policy}".encode()
                rows += (SegmentRow(contact, array, record) for contact, record in read_hash(store, key).items())
        yield in_order(rows, store.tenant.partition_count)


def restore_version(store: Store, version: str, renew: Renew) -> None:
    """Bring a version's arrays back to Redis, as the holder of the lease `versions`; no step where they are there."""
    segments = read_segments_of(store, version)
    if segments is None:
        return
    for segment in segments:
        for rows in read_groups(store.archive, segment):
            store.execute_all(_writes(store, version, rows))
        renew()
    forget_segments(store, VERSION + version.encode())  # the next run of the archive job removes the files


def _writes(store: Store, version: str, rows: Sequence[SegmentRow]) -> Iterator[tuple[bytes | str, ...]]:
    by_partition = store.tenant.by_partition((row.contact, row) for row in rows)
    for partition, own in by_partition.items():
        by_array: dict[bytes, list[bytes]] = {}
        for row in own:
            by_array.setdefault(row.key, []).extend((row.contact, row.record))
        for array, fields in by_array.items():
            yield "HSET", array_key(store, partition, version, array), *fields


def array_key(store: Store, partition: int, version: str, array: bytes) -> bytes:
    """Return the key of an array in Redis, given its name in segments."""
    name, _, policy = array.decode().partition(":")
    return store.keys.partition(partition).of(name, f"{version}:{policy}")


def read_archived_arrays(store: Store, version: str, contact: bytes) -> dict[str, bytes] | None:
    """Read a contact's arrays, by `ARRAY:POLICY`, of an archived version; None where it is not archived."""
    segments = read_segments_of(store, version)
    if segments is None:
        return None
    return {row.key.decode(): row.record for row in read_rows_of(store.archive, segments, contact)}


def erase_from_versions(store: Store, contact: bytes, token: int) -> int:
    """Remove a contact from archived versions, as the holder of the lease `versions`; return how many arrays."""
    erased = 0
    for version, segments in read_segments(store).versions.items():
        kept, old = list[Segment](), list[str]()
        for segment in segments:
            own = sum(1 for _ in read_rows_of(store.archive, [segment], contact))
            erased += own
            old += [segment.file] if own else []
            kept.append(rewrite_segment(store.archive, segment, lambda row: row.contact != contact) if own else segment)
        if old and put_version_segments(store, version, kept, token):
            store.archive.remove(old)
    return erased
