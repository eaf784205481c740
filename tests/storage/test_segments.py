"""Segments: sorted by contact, read by row group, rewritten without some rows."""

from hashlib import sha256

from dog.storage.archive import Archive
from dog.storage.segments import (
    GROUP_ROWS,
    Segment,
    SegmentRow,
    in_order,
    read_group,
    read_groups,
    read_rows_of,
    rewrite_segment,
    write_segment,
)

PARTITIONS = 4


def contact(number: int) -> bytes:
    return sha256(b"%d" % number).digest()[:16]


def rows(count: int) -> list[SegmentRow]:
    made = [
        SegmentRow(contact(number), b"key %d" % number, b"record %d" % number, 1000 + number) for number in range(count)
    ]
    return in_order(made, PARTITIONS)


def test_a_segment_is_read_by_contact_by_group_and_as_a_whole(archive_root: str) -> None:
    archive, written = Archive(archive_root, "acme"), rows(3 * GROUP_ROWS + 5)
    segment = write_segment(archive, "cold-1", written, PARTITIONS)

    assert (segment.rows, segment.first, segment.last, segment.expires_ms) == (len(written), 0, 3, 1000 + 388)
    assert [row for group in read_groups(archive, segment) for row in group] == written
    assert read_group(archive, segment, 2) == written[2 * GROUP_ROWS : 3 * GROUP_ROWS]
    assert [row.key for row in read_rows_of(archive, [segment], contact(7))] == [b"key 7"]
    assert list(read_rows_of(archive, [segment], contact(1_000_000))) == []
    assert Segment.read(segment.pack()) == segment


def test_a_rewritten_segment_keeps_its_groups_and_not_the_content(archive_root: str) -> None:
    archive, written = Archive(archive_root, "acme"), rows(2 * GROUP_ROWS)
    segment = write_segment(archive, "cold-1", written, PARTITIONS)
    gone = {row.contact for row in written[:GROUP_ROWS]}

    rewritten = rewrite_segment(archive, segment, lambda row: row.contact not in gone)

    assert rewritten.file != segment.file
    assert read_group(archive, rewritten, 0) == []
    assert read_group(archive, rewritten, 1) == written[GROUP_ROWS:]
    assert list(read_rows_of(archive, [rewritten], written[0].contact)) == []
    assert written[0].record not in archive.read(rewritten.file)


def test_rows_of_other_partitions_are_not_looked_for(archive_root: str) -> None:
    archive = Archive(archive_root, "acme")
    one = [row for row in rows(100) if row.contact[0] % PARTITIONS == 1]
    segment = write_segment(archive, "cold-1", one, PARTITIONS)

    assert [segment.may_have(bytes([number]) + bytes(15)) for number in range(PARTITIONS)] == [
        False,
        True,
        False,
        False,
    ]
