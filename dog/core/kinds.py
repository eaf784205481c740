"""Pairs that are alike in all that matters: what is said of one of a kind holds for the others, and is worked out once.

Most pairs have few pitches, so that among tens of thousands there are a few hundred kinds.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

WEIGHTS = np.random.default_rng(2).integers(1 << 63, size=64, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
SAMPLED, SAMPLE, MOSTLY = 8, 512, 0.9
"""One pair in so many is looked at first, if that makes so many; from which share of different ones on all are."""


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
    sample = said[::SAMPLED]
    if len(sample) >= SAMPLE and len(np.unique(sample)) > MOSTLY * len(sample):
        return Kinds(np.arange(len(said), dtype=_numbers(len(said))), slice(None), np.ones(len(said), np.int64))
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
