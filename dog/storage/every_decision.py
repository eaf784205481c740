"""All kept decisions of a tenant, in Redis and in the archive: in order, or a random sample."""

from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from dog.batched import batched
from dog.storage.archived_decisions import archived_row, every_archived
from dog.storage.cold_data import read_decision_segments
from dog.storage.contact_lists import scan_decision_keys
from dog.storage.decisions import read_records, unpack_content
from dog.storage.segments import Segment
from dog.storage.store import Store

DECISIONS_PER_TRIP = 200
Content = dict[str, Any]


def digest_of(key: bytes) -> bytes:
    """Return the digest in a decision's key."""
    return urlsafe_b64decode(key.rpartition(b":")[2] + b"==")


def every_decision(store: Store) -> Iterator[tuple[float, Content]]:
    """Read the content of every decision once, each with the share done.

    One that is archived meanwhile is read from there; the digests of those that were in Redis are held meanwhile.
    """
    seen = set(map(digest_of, scan_decision_keys(store)))
    count = max(1, len(seen) + sum(segment.rows for segment in read_decision_segments(store).values()))
    done = 0
    for some in batched(sorted(seen), DECISIONS_PER_TRIP):
        done += len(some)
        yield from ((done / count, unpack_content(packed)) for packed in read_records(store, some) if packed)
    for row in every_archived(store):
        if row.key not in seen:
            done += 1
            yield min(1.0, done / count), unpack_content(row.record)


def sample_contents(store: Store, fits: Callable[[Content], bool], most: int, seed: int) -> list[Content]:
    """Return the contents of up to `most` random decisions that fit, the same ones for the same seed."""
    hot, segments = list(map(digest_of, sorted(set(scan_decision_keys(store))))), read_decision_segments(store)
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
