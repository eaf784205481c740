"""Pairs that are alike in all that matters: what is said of one of a kind holds for the others, and is worked out once.

Most pairs have few pitches, so that among tens of thousands there are a few hundred kinds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import shake_256

import numpy as np

WEIGHTS = np.frombuffer(shake_256(b"kinds").digest(64 * 8), np.uint64) | np.uint64(1)
"""Odd numbers without a pattern, one a column."""
SAMPLED, SAMPLE, MOSTLY = 8, 512, 0.9
"""One pair in so many is looked at first, if that makes so many; from which share of different ones on all are."""
FEW, PLACE_BITS = 600, 20
"""Below so many different ones in the sample they hardly ever share one of a million places."""


@dataclass(frozen=True, slots=True)
class Kinds:
    """Which pairs are of one kind.

    Parameters
    ----------
    kind
        Number of each pair's kind, shape (pairs,).
    first
        Places of one pair of each kind, as an index into what has the shape (pairs,).
    times
        How many pairs are of each kind, shape (kinds,).

    """

    kind: np.ndarray
    first: np.ndarray | slice
    times: np.ndarray

    @property
    def all_differ(self) -> bool:
        """Whether each pair is a kind of its own."""
        return len(self.times) == len(self.kind)


def tell_kinds(columns: Sequence[np.ndarray]) -> Kinds:
    """Tell which pairs are the same, to the bit, in all columns; at most 64 of them, each of shape (pairs,).

    Two pairs count as the same where 64 bits hashed from all columns are. Where hardly any of a sample are, all pairs
    are taken to be kinds of their own: then nothing is gained by telling them apart.

    Examples
    --------
    >>> kinds = tell_kinds([np.array([5, 7, 5]), np.array([1.0, 1.0, 1.0])])
    >>> sorted(kinds.times.tolist()), bool(kinds.kind[0] == kinds.kind[2])
    ([1, 2], True)

    """
    said = np.zeros(len(columns[0]), np.uint64)
    for column, weight in zip(columns, WEIGHTS, strict=False):
        words = _words(column)
        if len(words) and (words != words[0]).any():
            said += words * weight
    sample = np.sort(said[::SAMPLED])  # np.unique would import masked arrays first, a tenth of a week's recompute
    if len(sample) >= SAMPLE:
        different = 1 + np.count_nonzero(sample[1:] != sample[:-1])
        if different > MOSTLY * len(sample):
            return Kinds(np.arange(len(said), dtype=_numbers(len(said))), slice(None), np.ones(len(said), np.int64))
        if different < FEW and (kinds := _by_place(said)) is not None:
            return kinds
    return _by_order(said)


def _by_place(said: np.ndarray) -> Kinds | None:
    """Give each hash the place in a table that its upper bits name; None where two different ones share a place."""
    place = (said >> np.uint64(64 - PLACE_BITS)).astype(np.int64)
    every = np.arange(len(said), dtype=np.uint32)
    table = np.empty(1 << PLACE_BITS, np.uint32)  # only places that have been written are read
    table[place] = every
    last = table.take(place)
    if (said.take(last) != said).any():
        return None
    one_of_each = np.flatnonzero(last == every)
    table[place[one_of_each]] = every[: len(one_of_each)]
    kind = table.take(place)
    return Kinds(kind.astype(_numbers(len(one_of_each))), one_of_each, np.bincount(kind))


def _by_order(said: np.ndarray) -> Kinds:
    """Sort the hashes, which takes twice as long."""
    order = np.argsort(said)
    ordered = said[order]
    begins = np.ones(len(said), bool)
    np.not_equal(ordered[1:], ordered[:-1], out=begins[1:])
    starts = np.flatnonzero(begins)
    kind = np.empty(len(said), _numbers(len(starts)))
    kind[order] = np.cumsum(begins) - 1
    return Kinds(kind, order[starts], np.diff(np.append(starts, len(said))))


def _numbers(kinds: int) -> type[np.unsignedinteger]:
    return np.uint16 if kinds <= 1 << 16 else np.uint32


def _words(column: np.ndarray) -> np.ndarray:
    if column.dtype.kind == "f":
        return np.ascontiguousarray(column, np.float64).view(np.uint64)
    return column.astype(np.uint64)
