"""Archived data as keys of Redis, for backups: a tenant is restored with them in Redis, without its archive."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from time import time_ns

from dog.storage.archived_decisions import every_archived
from dog.storage.archived_versions import array_key
from dog.storage.cold_data import read_segments
from dog.storage.segments import Segment, SegmentRow, read_groups
from dog.storage.store import Store
from dog.storage.tenant_dump import DumpedKey


def dump_cold(store: Store) -> Iterator[DumpedKey]:
    """Return the archived data as keys; versions that are archived when this is called, the rest when it is read."""
    return _dump(store, read_segments(store).versions)


def _dump(store: Store, versions: Mapping[str, Sequence[Segment]]) -> Iterator[DumpedKey]:
    for version, segments in versions.items():
        for _, rows in groupby(_rows(store, segments), key=lambda found: found[0]):
            yield from _dump_partition(store, version, [row for _, row in rows])
    for row in every_archived(store):
        keys = store.tenant.partition(row.key)
        yield DumpedKey(
            partition=store.tenant.partition_number(row.key),
            name=keys.contact("decision", row.key).removeprefix(keys.prefix),
            kind=b"string",
            expires_ms=max(1, row.expires_ms - time_ns() // 1_000_000),
            values=[row.record],
        )


def _rows(store: Store, segments: Sequence[Segment]) -> Iterator[tuple[int, SegmentRow]]:
    """Yield the rows of segments with the partitions by which they are sorted."""
    for segment in segments:
        for rows in read_groups(store.archive, segment):
            yield from ((segment.partition_of(row.contact), row) for row in rows)


def _dump_partition(store: Store, version: str, rows: Sequence[SegmentRow]) -> Iterator[DumpedKey]:
    """Yield the arrays of one partition, of several where the tenant has more partitions by now."""
    arrays: dict[tuple[int, bytes], list[bytes]] = {}
    for row in rows:
        partition = store.tenant.partition_number(row.contact)
        arrays.setdefault((partition, row.key), []).extend((row.contact, row.record))
    for (partition, array), values in arrays.items():
        prefix = store.keys.partition(partition).prefix
        name = array_key(store, partition, version, array).removeprefix(prefix)
        yield DumpedKey(partition=partition, name=name, kind=b"hash", expires_ms=-1, values=values)
