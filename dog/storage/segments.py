"""Segments: Parquet files of records of contacts, sorted so that those of one contact are read from a few row groups.

Rows are sorted by their contact's partition (as many as the tenant had), then by contact. A rewritten segment keeps its
row groups, so that what points to a group stays right.
"""

import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import orjson

from dog.errors import ArchiveUnavailable
from dog.storage.archive import Archive

if TYPE_CHECKING:
    import pyarrow.parquet as pq

SEGMENT_ROWS = 20_000
"""Some 40 MB; a process holds a few times as much while it writes a segment."""
GROUP_ROWS = 128


class SegmentRow(NamedTuple):
    """One record of a segment."""

    contact: bytes  # digest, 16 bytes
    key: bytes  # which of its records: digest of a decision, or name of an array
    record: bytes
    expires_ms: int = 0  # milliseconds since 1970; 0 never


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A complete file of the archive."""

    file: str
    size: int  # bytes
    rows: int
    partitions: int  # partitions that the tenant had
    first: int  # partition of the first row
    last: int  # partition of the last row
    expires_ms: int  # when the last row does; 0 never
    is_moved: bool = False  # whether its rows have left Redis

    @classmethod
    def read(cls, packed: bytes) -> Self:
        """Read what `pack` wrote."""
        return cls(**orjson.loads(packed))

    def pack(self) -> bytes:
        """Return the segment as JSON."""
        return orjson.dumps(asdict(self))

    def may_have(self, contact: bytes) -> bool:
        """Return whether records of a contact may be in it."""
        return self.first <= self.partition_of(contact) <= self.last

    def partition_of(self, contact: bytes) -> int:
        """Return the partition that a contact had when the segment was written."""
        return _partition(contact, self.partitions)


def _partition(contact: bytes, count: int) -> int:
    return int.from_bytes(contact[:4], "little") % count


def in_order(rows: Iterable[SegmentRow], partitions: int) -> list[SegmentRow]:
    """Return rows in the order of a segment."""
    return sorted(rows, key=lambda row: (_partition(row.contact, partitions), row.contact, row.key))


def write_segment(archive: Archive, folder: str, rows: Sequence[SegmentRow], partitions: int) -> Segment:
    """Write rows that are in order, at least one, as a new file, read it back, and describe it.

    Raise `ArchiveUnavailable` if the archive cannot be reached, or returns other bytes.
    """
    groups = [rows[start : start + GROUP_ROWS] for start in range(0, len(rows), GROUP_ROWS)]
    return _put(
        archive,
        Segment(
            file=f"{folder}/{secrets.token_hex(8)}.parquet",
            size=0,
            rows=len(rows),
            partitions=partitions,
            first=_partition(rows[0].contact, partitions),
            last=_partition(rows[-1].contact, partitions),
            expires_ms=max(row.expires_ms for row in rows),
        ),
        groups,
    )


def _put(archive: Archive, segment: Segment, groups: Iterable[Sequence[SegmentRow]]) -> Segment:
    content = _pack(groups)
    archive.put(segment.file, content)
    if archive.read(segment.file) != content:
        raise ArchiveUnavailable(f"the archive returns other bytes of {segment.file} than it was sent")
    return replace(segment, size=len(content))


def _pack(groups: Iterable[Sequence[SegmentRow]]) -> bytes:
    import pyarrow as pa  # noqa: PLC0415  # 0.3 s to import, for cold data only
    import pyarrow.parquet as pq  # noqa: PLC0415  # as above

    kinds = (pa.binary(16), pa.binary(), pa.binary(), pa.int64())
    schema = pa.schema(list(zip(SegmentRow._fields, kinds, strict=True)))
    out = BytesIO()
    with pq.ParquetWriter(out, schema, compression="zstd", use_dictionary=["key"]) as writer:
        for rows in groups:
            columns = list(zip(*rows, strict=True)) or [()] * len(kinds)
            arrays = [pa.array(column, kind) for column, kind in zip(columns, kinds, strict=True)]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
    return out.getvalue()


@lru_cache(maxsize=128)
def _footer(archive: Archive, file: str, size: int) -> "pq.FileMetaData":
    import pyarrow.parquet as pq  # noqa: PLC0415  # as above

    with archive.opened(file, size) as opened:
        return pq.ParquetFile(opened).metadata


def _rows(table: Any) -> list[SegmentRow]:
    return list(map(SegmentRow, *(table.column(name).to_pylist() for name in SegmentRow._fields)))


def read_group(archive: Archive, segment: Segment, group: int) -> list[SegmentRow]:
    """Read the rows of one row group."""
    import pyarrow.parquet as pq  # noqa: PLC0415  # as above

    footer = _footer(archive, segment.file, segment.size)
    with archive.opened(segment.file, segment.size) as opened:
        return _rows(pq.ParquetFile(opened, metadata=footer, pre_buffer=True).read_row_group(group))


def read_rows_of(archive: Archive, segments: Iterable[Segment], contact: bytes) -> Iterator[SegmentRow]:
    """Read a contact's rows in some segments."""
    for segment in segments:
        if segment.may_have(contact):
            for group in _groups_of(_footer(archive, segment.file, segment.size), contact):
                yield from (row for row in read_group(archive, segment, group) if row.contact == contact)


def _groups_of(footer: "pq.FileMetaData", contact: bytes) -> list[int]:
    found = []
    for group in range(footer.num_row_groups):
        bounds = footer.row_group(group).column(0).statistics
        if bounds is not None and bounds.has_min_max and bounds.min <= contact <= bounds.max:
            found.append(group)
    return found


def read_groups(archive: Archive, segment: Segment) -> Iterator[list[SegmentRow]]:
    """Read all rows, group by group."""
    import pyarrow as pa  # noqa: PLC0415  # as above
    import pyarrow.parquet as pq  # noqa: PLC0415  # as above

    with archive.reached(segment.file):
        file = pq.ParquetFile(pa.BufferReader(archive.read(segment.file)))
    for group in range(file.num_row_groups):
        with archive.reached(segment.file):
            rows = _rows(file.read_row_group(group))
        yield rows


def read_keys(archive: Archive, segment: Segment) -> list[bytes]:
    """Read the keys of all rows."""
    import pyarrow.parquet as pq  # noqa: PLC0415  # as above

    with archive.opened(segment.file, segment.size) as opened:
        keys: list[bytes] = pq.ParquetFile(opened).read(columns=["key"]).column("key").to_pylist()
    return keys


def rewrite_segment(archive: Archive, segment: Segment, keeps: Callable[[SegmentRow], bool]) -> Segment:
    """Write a segment without some rows as a new file, with the same row groups, and describe it."""
    groups = [[row for row in rows if keeps(row)] for rows in read_groups(archive, segment)]
    file = f"{segment.file.rpartition('/')[0]}/{secrets.token_hex(8)}.parquet"
    return _put(archive, replace(segment, file=file, rows=sum(map(len, groups))), groups)
