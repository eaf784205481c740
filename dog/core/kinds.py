"""Pairs that are alike in all that matters: what is said of one of a kind holds for the others, and is worked out once.

Most pairs have few pitches, so that among tens of thousands there are a few hundred kinds.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

WEIGHTS = np.random.default_rng(2).integers(1 << 63, size=64, dtype=np.uint64) * np.uint64(2) + np.uint64(1)


@dataclass(frozen=True, slots=True)
class Kinds:
    """Which pairs are of one kind.

    Parameters
    ----------
    kind
        Number of each pair's kind, shape (pairs,).
    first
        Place of one pair of each kind, shape (kinds,).
    times
        How many pairs are of each kind, shape (kinds,).

    """

    kind: np.ndarray
    first: np.ndarray
    times: np.ndarray


def tell_kinds(columns: Sequence[np.ndarray]) -> Kinds:
    """Tell which pairs are the same, to the bit, in all columns; at most 64 of them, each of shape (pairs,).

    Two pairs count as the same where 64 bits hashed from all columns are.

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
    order = np.argsort(said)
    ordered = said[order]
    begins = np.ones(len(said), bool)
    np.not_equal(ordered[1:], ordered[:-1], out=begins[1:])
    starts = np.flatnonzero(begins)
    kind = np.empty(len(said), np.uint16 if len(starts) <= 1 << 16 else np.uint32)
    kind[order] = np.cumsum(begins) - 1
    return Kinds(kind, order[starts], np.diff(np.append(starts, len(said))))


def _words(column: np.ndarray) -> np.ndarray:
    if column.dtype.kind == "f":
        return np.ascontiguousarray(column, np.float64).view(np.uint64)
    return column.astype(np.uint64)
