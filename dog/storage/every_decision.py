"""All kept decisions of a tenant, in Redis and in the archive: in parts, or a random sample."""

from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from dog.batched import batched
from dog.storage.archived_decisions import archived_row, archived_rows
from dog.storage.cold_data import read_segments
from dog.storage.contact_lists import scan_decision_keys
from dog.storage.decisions import read_records, unpack_content
from dog.storage.segments import Segment, read_keys
from dog.storage.store import Store

DECISIONS_PER_TRIP, DECISIONS_PER_PART = 200, 1_000
Content = dict[str, Any]


def digest_of(key: bytes) -> bytes:
    """Return the digest in a decision's key."""
    return urlsafe_b64decode(key.rpartition(b":")[2] + b"==")


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionPart:
    """Some decisions: named by digest, or those of a segment of the archive."""

    digests: tuple[bytes, ...] = ()
    segment: int | None = None  # its number
    excluded: frozenset[bytes] = frozenset()  # digests of rows of the segment that another part names


def decision_parts(store: Store) -> list[DecisionPart]:
    """Divide all decisions into parts, each decision in one: those in Redis sorted by digest, then those archived."""
    before = read_segments(store).decisions
    hot = set(map(digest_of, scan_decision_keys(store)))
    parts = [DecisionPart(digests=tuple(some)) for some in batched(sorted(hot), DECISIONS_PER_PART)]
    for number, segment in read_segments(store).decisions.items():
        # rows of a segment that was not complete before the scan may have been in Redis during it
        settled = segment.is_moved and before.get(number) == segment
        excluded = frozenset() if settled else hot.intersection(read_keys(store.archive, segment))
        parts.append(DecisionPart(segment=number, excluded=frozenset(excluded)))
    return parts


def read_decision_part(store: Store, part: DecisionPart) -> Iterator[Content]:
    """Read the contents of a part's decisions; one that was archived meanwhile is read from there."""
    for some in batched(part.digests, DECISIONS_PER_TRIP):
        yield from (unpack_content(packed) for packed in read_records(store, some) if packed)
    if part.segment is not None:
        rows = archived_rows(store, part.segment)
        yield from (unpack_content(row.record) for row in rows if row.key not in part.excluded)


def sample_contents(store: Store, fits: Callable[[Content], bool], most: int, seed: int) -> list[Content]:
    """Return the contents of up to `most` random decisions that fit, the same ones for the same seed."""
    hot, segments = list(map(digest_of, sorted(set(scan_decision_keys(store))))), read_segments(store).decisions
    ends = np.cumsum([len(hot), *(segment.rows for segment in segments.values())])
    found: list[Content] = []
    for some in batched(np.random.default_rng(seed).permutation(ends[-1]).tolist(), DECISIONS_PER_TRIP):
        records = read_records(store, [hot[place] for place in some if place < len(hot)])
        records += [_archived(store, segments, ends, place) for place in some if place >= len(hot)]
        found += [content for packed in records if packed and fits(content := unpack_content(packed))]
        if len(found) >= most:
            break
    return found[:most]


def _archived(store: Store, segments: Mapping[int, Segment], ends: np.ndarray, place: int) -> bytes | None:
    index = int(np.searchsorted(ends, place, "right")) - 1
    number, segment = list(segments.items())[index]
    row = archived_row(store, number, segment, place - int(ends[index]))
    return None if row is None else row.record
