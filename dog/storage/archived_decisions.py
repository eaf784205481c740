"""Decisions in the archive: their index in Redis, one small entry each, and how they are read and removed.

A decision is in Redis, or in the index: one script takes it from the one into the other. What a segment holds counts
only as far as the index points to it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import sha1
from time import time_ns

from dog.errors import ArchiveUnavailable
from dog.storage.archive import BROKEN, MISSING
from dog.storage.cold_data import DECISIONS, forget_segments, put_decision_segment, read_decision_segment, read_segments
from dog.storage.segments import GROUP_ROWS, Segment, SegmentRow, read_group, read_groups, read_rows_of, rewrite_segment
from dog.storage.store import Store

GROUPS = 1024
"""The place of a decision is this times the number of its segment, plus its row group."""
DECISIONS_PER_SCRIPT = 200
Place = int


def index_entry(store: Store, hashed: bytes) -> tuple[bytes, bytes]:
    """Return bucket and field of a decision in the index, given its digest: 256 buckets a partition."""
    keys = store.tenant.partition(hashed)
    return keys.of("filed", str(hashed[4])), hashed


def read_places(store: Store, hashed: Sequence[bytes]) -> list[Place | None]:
    """Read where decisions are in the archive, given their digests; None for those that are not there."""
    places = store.execute_all(("HGET", *index_entry(store, one)) for one in hashed)
    return [None if place is None else int(place) for place in places]


def read_archived(store: Store, places: Mapping[bytes, Place]) -> dict[bytes, bytes]:
    """Read the records of archived decisions by digest, given their places; those that have expired are left out.

    Raise `ArchiveUnavailable` if there are any and the archive cannot be reached.
    """
    by_place: dict[Place, list[bytes]] = {}
    for one, place in places.items():
        by_place.setdefault(place, []).append(one)
    now_ms, found, expired = time_ns() // 1_000_000, dict[bytes, bytes](), list[tuple[bytes, Place]]()
    for place, wanted in by_place.items():
        read = _read_place(store, place)
        if read is None:
            expired += [(one, place) for one in wanted]
            continue
        rows = {row.key: row for row in read}
        for row in (rows[one] for one in wanted if one in rows):
            if row.expires_ms > now_ms:
                found[row.key] = row.record
            else:
                expired.append((row.key, place))
    forget_places(store, expired)  # so that their ids may be used again
    return found


def _read_place(store: Store, place: Place) -> list[SegmentRow] | None:
    """Read a row group; None where its segment was dropped."""
    number, group = divmod(place, GROUPS)
    segment = read_decision_segment(store, number)
    if segment is None:
        return None
    try:
        return read_group(store.archive, segment, group)
    except ArchiveUnavailable:
        again = read_decision_segment(store, number)  # an erasure has rewritten it meanwhile
        if again is None or again.file == segment.file:
            raise
        return read_group(store.archive, again, group)


def forget_places(store: Store, entries: Iterable[tuple[bytes, Place]]) -> int:
    """Delete entries of the index that point to these places, given with the decisions' digests; return how many."""
    by_partition = store.tenant.by_partition((one, (one, place)) for one, place in entries)
    trip = store.trip()
    for own in by_partition.values():
        for start in range(0, len(own), DECISIONS_PER_SCRIPT):
            keys, arguments = [], list[bytes | int]()
            for one, place in own[start : start + DECISIONS_PER_SCRIPT]:
                bucket, field = index_entry(store, one)
                keys.append(bucket)
                arguments += [field, place]
            trip.script("forget_filed", keys, arguments)
    return sum(trip.send())


def move_rows(store: Store, number: int, groups: Iterable[Sequence[SegmentRow]]) -> int:
    """Take the decisions of a segment out of Redis, into the index; return how many.

    One that was annotated since it was read stays, for the next run; one that was moved before is left as it is.
    """
    by_partition = store.tenant.by_partition(
        (row.key, (row, number * GROUPS + group)) for group, rows in enumerate(groups) for row in rows
    )
    trip = store.trip()
    for partition, own in by_partition.items():
        keys_of = store.keys.partition(partition)
        for start in range(0, len(own), DECISIONS_PER_SCRIPT):
            some = own[start : start + DECISIONS_PER_SCRIPT]
            decisions = keys_of.contacts("decision", [row.key for row, _ in some])
            keys, arguments = [], list[bytes | int | str]()
            for (row, place), decision in zip(some, decisions, strict=True):
                bucket, field = index_entry(store, row.key)
                keys += [decision, bucket]
                arguments += [field, place, sha1(row.record, usedforsecurity=False).hexdigest()]
            trip.script("file_decisions", keys, arguments)
    return sum(trip.send())


def drop_expired_segments(store: Store, renew: Callable[[], None]) -> int:
    """Forget the segments whose decisions have all expired; return how many decisions left the index.

    The entries of a file that is lost or broken stay in the index until their decisions are asked for.
    """
    now_ms, forgotten = time_ns() // 1_000_000, 0
    for number, segment in read_segments(store).decisions.items():
        if segment.expires_ms < now_ms:
            forgotten += forget_places(store, _kept_entries(store, number, segment))
            renew()
            forget_segments(store, DECISIONS + b"%d" % number)
            store.archive.remove([segment.file])
    return forgotten


def _kept_entries(store: Store, number: int, segment: Segment) -> list[tuple[bytes, Place]]:
    try:
        return list(_entries(store, number, segment))
    except ArchiveUnavailable as error:
        if error.code not in (MISSING, BROKEN):
            raise
        return []


def _entries(store: Store, number: int, segment: Segment) -> Iterator[tuple[bytes, Place]]:
    for group, rows in enumerate(read_groups(store.archive, segment)):
        for row in rows:
            yield row.key, number * GROUPS + group


def read_archived_of(store: Store, contact: bytes) -> list[SegmentRow]:
    """Read a contact's decisions in the archive that have not expired."""
    rows = list(read_rows_of(store.archive, read_segments(store).decisions.values(), contact))
    now_ms, places = time_ns() // 1_000_000, read_places(store, [row.key for row in rows])
    held = {row.key: row for row, place in zip(rows, places, strict=True) if place is not None}
    return [row for row in held.values() if row.expires_ms > now_ms]


def erase_archived_of(store: Store, contact: bytes, token: int) -> int:
    """Remove a contact's decisions from index and segments, as the holder of the lease `archive`; return how many."""
    erased = set[bytes]()
    for number, segment in read_segments(store).decisions.items():
        own = list(read_rows_of(store.archive, [segment], contact))
        if not own:
            continue
        entries = zip((row.key for row in own), read_places(store, [row.key for row in own]), strict=True)
        forget_places(store, [(key, place) for key, place in entries if place is not None])
        rewritten = rewrite_segment(store.archive, segment, lambda row: row.contact != contact)
        if put_decision_segment(store, number, rewritten, token):
            store.archive.remove([segment.file])
        erased |= {row.key for row in own}
    return len(erased)


def every_archived(store: Store) -> Iterator[SegmentRow]:
    """Read every archived decision that has not expired, segment by segment."""
    for number in read_segments(store).decisions:
        yield from archived_rows(store, number)


def archived_rows(store: Store, number: int) -> Iterator[SegmentRow]:
    """Read the decisions of a segment that have not expired; none where the segment is gone."""
    segment = read_decision_segment(store, number)
    for group, rows in enumerate(read_groups(store.archive, segment) if segment else ()):
        yield from _held(store, number * GROUPS + group, rows)


def archived_row(store: Store, number: int, segment: Segment, place: int) -> SegmentRow | None:
    """Read one row of a segment, by its place in it; None where it is none, or no decision any more."""
    group, within = divmod(place, GROUP_ROWS)
    rows = read_group(store.archive, segment, group)
    return next(_held(store, number * GROUPS + group, rows[within : within + 1]), None)


def _held(store: Store, here: Place, rows: Sequence[SegmentRow]) -> Iterator[SegmentRow]:
    now_ms, places = time_ns() // 1_000_000, read_places(store, [row.key for row in rows])
    yield from (row for row, place in zip(rows, places, strict=True) if place == here and row.expires_ms > now_ms)
