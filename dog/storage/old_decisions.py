"""The decisions in Redis that are old enough for the archive."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from time import time_ns

from dog.batched import batched
from dog.core.iso_weeks import DAY_MS
from dog.storage.contact_lists import RETENTION_SECONDS, scan_decision_keys
from dog.storage.every_decision import digest_of
from dog.storage.segments import SEGMENT_ROWS, SegmentRow, in_order
from dog.storage.store import Store
from dog.storage.stretches import STRETCH

KEYS_PER_BATCH = 200_000
"""Some 50 MB while they are sorted."""


def read_old_decisions(store: Store, age_ms: int) -> Iterator[list[SegmentRow]]:
    """Read the decisions that are older than an age, in parts for segments.

    Those of a part expire on one day, so that nothing outlives them for long.
    """
    for keys in batched(scan_decision_keys(store), KEYS_PER_BATCH):
        found = [old for some in batched(keys, STRETCH) for old in _old_among(store, some, age_ms)]
        for _, of_day in groupby(sorted(found), key=itemgetter(0)):
            for some in batched((key for _, _, _, key in of_day), SEGMENT_ROWS):
                rows = in_order(_read(store, some), store.tenant.partition_count)
                if rows:
                    yield rows


def _old_among(store: Store, keys: Sequence[bytes], age_ms: int) -> Iterator[tuple[int, int, bytes, bytes]]:
    """Yield day of expiry, partition of the contact, contact and key of decisions that are old enough."""
    now_ms, most_ms = time_ns() // 1_000_000, RETENTION_SECONDS * 1000 - age_ms
    answers = store.execute_all(command for key in keys for command in (("PTTL", key), ("GETRANGE", key, 8, 23)))
    for key, left_ms, contact in zip(keys, answers[::2], answers[1::2], strict=True):
        if 0 < left_ms <= most_ms:
            yield (now_ms + left_ms) // DAY_MS, store.tenant.partition_number(contact), contact, key


def _read(store: Store, keys: Sequence[bytes]) -> Iterator[SegmentRow]:
    for some in batched(keys, STRETCH):
        now_ms = time_ns() // 1_000_000
        answers = store.execute_all(command for key in some for command in (("GET", key), ("PTTL", key)))
        for key, record, left_ms in zip(some, answers[::2], answers[1::2], strict=True):
            if record is not None and left_ms > 0:
                yield SegmentRow(record[8:24], digest_of(key), record, now_ms + left_ms)
