"""Group identical rows of columns, so that the week's arithmetic runs once per group.

Most contact-product pairs have few pitches: tens of thousands of pairs often hold a few hundred distinct rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

MIXER = np.uint64(0x9E3779B97F4A7C15)
"""Odd factor without a pattern (2^64 divided by the golden ratio); it decides how fast rows group, never which."""
SAMPLE_STEP, MIN_SAMPLE, MOSTLY_DISTINCT = 8, 512, 0.9
"""Sample every 8th row, unless that gives fewer than 512; from 90 % distinct on, rows are not grouped."""
FEW, TABLE_BITS = 300, 18
"""Fewer distinct rows than this in the sample seldom share one of the table's 2^18 slots."""


@dataclass(frozen=True, slots=True)
class RowGroups:
    """Which rows are identical."""

    group: np.ndarray  # number of each row's group, shape (rows,)
    first: np.ndarray | slice  # index of one row of each group, shape (groups,); a full slice if all rows are distinct
    size: np.ndarray  # rows in each group, shape (groups,)

    @property
    def all_distinct(self) -> bool:
        """Whether each row is a group of its own."""
        return len(self.size) == len(self.group)


def group_rows(columns: Sequence[np.ndarray]) -> RowGroups:
    """Group the rows that are equal, bit for bit, in all columns, each of shape (rows,).

    Different rows never share a group: rows are grouped by a 64-bit hash, then compared column by column; where a hash
    collides they are sorted by all columns. If most rows of a sample are distinct, each row becomes its own group:
    grouping would save nothing.

    Examples
    --------
    >>> groups = group_rows([np.array([5, 7, 5]), np.array([1.0, 1.0, 1.0])])
    >>> sorted(groups.size.tolist()), bool(groups.group[0] == groups.group[2])
    ([1, 2], True)

    """
    words = _pack_words(columns)
    hashed = _hash(words)
    sample = np.sort(hashed[::SAMPLE_STEP])  # np.unique would import masked arrays, a tenth of a recompute
    if len(sample) >= MIN_SAMPLE:
        distinct = 1 + np.count_nonzero(sample[1:] != sample[:-1])
        if distinct > MOSTLY_DISTINCT * len(sample):
            return RowGroups(_numbers(np.arange(len(hashed)), len(hashed)), slice(None), np.ones(len(hashed), np.int64))
        if distinct < FEW and (groups := _group_by_table(words, hashed)) is not None:
            return groups
    return _group_by_sorting(words, hashed)


def _pack_words(columns: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Return as few 64-bit columns as possible, at least one, whose rows are equal exactly where the columns' are."""
    packed, used = np.zeros(len(columns[0]), np.uint64), 0
    words = []
    for column in columns:
        if column.dtype.kind == "f":
            word = np.ascontiguousarray(column, np.float64).view(np.uint64)
            if (word != word[:1]).any():
                words.append(word ^ (word >> np.uint64(32)))  # short mantissas leave the lower bits, which count, empty
            continue
        numbers = column.astype(np.uint64)
        bits = int(numbers.max(initial=0)).bit_length()
        if used + bits > 64:
            words.append(packed)
            packed, used = numbers, bits
        elif bits:
            packed = (packed << np.uint64(bits)) | numbers if used else numbers
            used += bits
    return [*words, packed]


def _hash(words: Sequence[np.ndarray]) -> np.ndarray:
    """Hash each row to 64 bits, of which the upper ones depend on all words."""
    hashed = words[0] * MIXER
    for word in words[1:]:
        hashed += word
        hashed *= MIXER
    return hashed


def _group_by_table(words: Sequence[np.ndarray], hashed: np.ndarray) -> RowGroups | None:
    """Group rows by a table slot that the upper hash bits name; None where different rows share a slot."""
    slot = (hashed >> np.uint64(64 - TABLE_BITS)).astype(np.int64)
    rows = np.arange(len(hashed), dtype=np.uint32)
    table = np.empty(1 << TABLE_BITS, np.uint32)  # only slots that have been written are read
    table[slot] = rows
    representative = table.take(slot).astype(np.intp)
    if any((word.take(representative) != word).any() for word in words):
        return None
    first = np.flatnonzero(representative == rows)
    table[slot[first]] = rows[: len(first)]
    group = table.take(slot)
    return RowGroups(_numbers(group, len(first)), first, np.bincount(group))


def _group_by_sorting(words: Sequence[np.ndarray], hashed: np.ndarray) -> RowGroups:
    """Group rows by sorting their hashes, or all columns where different rows share a hash."""
    order = np.argsort(hashed)
    begins = _begins([hashed], order)
    if not np.array_equal(begins, _begins(words, order)):
        order = np.lexsort(words)
        begins = _begins(words, order)
    starts = np.flatnonzero(begins)
    group = np.empty(len(order), np.int64)
    group[order] = np.cumsum(begins) - 1
    return RowGroups(_numbers(group, len(starts)), order[starts], np.diff(np.append(starts, len(order))))


def _begins(words: Sequence[np.ndarray], order: np.ndarray) -> np.ndarray:
    """Mark where a row differs from the one before it in the given order, shape (rows,)."""
    begins = np.zeros(len(order), bool)
    begins[:1] = True
    for word in words:
        ordered = word.take(order)
        begins[1:] |= ordered[1:] != ordered[:-1]
    return begins


def _numbers(group: np.ndarray, groups: int) -> np.ndarray:
    return group.astype(np.uint16 if groups <= 1 << 16 else np.uint32)
