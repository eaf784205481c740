"""The nearest known name of a mistyped one, at a bounded cost among hundreds of thousands of names.

`difflib` compares two names letter by letter, which takes seconds for 100,000 names. Here all names are first compared
by the letters and pairs of letters that they have, with arrays; `difflib` compares the few best of them.
"""

from collections.abc import Sequence
from difflib import SequenceMatcher

import numpy as np

CUTOFF = 0.6
"""Least similarity, as in `difflib.get_close_matches`."""
LETTERS = 64
PAIRS = 64
"""Letters, and pairs of neighbouring letters, are counted by their number modulo these."""
COMPARED = 20
"""Names that are compared letter by letter."""
CHUNK_NAMES = 16_384
LONGEST = 64
"""Bytes of a name that are compared."""


def find_nearest(wanted: Sequence[str], known: Sequence[str]) -> list[int | None]:
    """Return the index of the known name nearest to each wanted one, capitals aside; None where none is close.

    Examples
    --------
    >>> find_nearest(["egs", "Fax", "zzz"], ["eggs", "fax", "desk"])
    [0, 1, None]

    """
    folded = [_fold(name) for name in wanted]
    similar: list[list[tuple[float, int, bytes]]] = [[] for _ in wanted]
    for start in range(0, len(known), CHUNK_NAMES):
        chunk = [_fold(name) for name in known[start : start + CHUNK_NAMES]]
        counts, sizes = _count_letters(chunk)
        for name, found in zip(folded, similar, strict=True):
            found += [(share, -start - place, chunk[place]) for share, place in _most_alike(name, counts, sizes)]
    return [_nearest(name, sorted(found)[-COMPARED:]) for name, found in zip(folded, similar, strict=True)]


def _nearest(name: bytes, found: Sequence[tuple[float, int, bytes]]) -> int | None:
    """Return the index of the most similar name, the first of several; None where none is close."""
    ratios = [(SequenceMatcher(None, other, name).ratio(), minus_index) for _, minus_index, other in found]
    similarity, minus_index = max(ratios, default=(0.0, 0))
    return -minus_index if similarity >= CUTOFF else None


def _fold(name: str) -> bytes:
    return name.casefold().encode(errors="replace")[:LONGEST]


def _count_letters(names: Sequence[bytes]) -> tuple[np.ndarray, np.ndarray]:
    """Return how often each letter and pair of letters is in each name, shape (features, names), and their sums."""
    sizes = np.array([len(name) for name in names], np.int64)
    text = np.frombuffer(b"".join(names), np.uint8).astype(np.int64)
    owners = np.repeat(np.arange(len(names)), sizes)
    inside = owners[1:] == owners[:-1]
    features = LETTERS + PAIRS
    letters = text % LETTERS * len(names) + owners
    pairs = (LETTERS + (text[:-1] * 7 + text[1:]) % PAIRS) * len(names) + owners[1:]
    counts = np.bincount(np.concatenate([letters, pairs[inside]]), minlength=len(names) * features)
    return counts.astype(np.uint8).reshape(features, len(names)), 2 * sizes - (sizes > 0)


def _most_alike(name: bytes, counts: np.ndarray, sizes: np.ndarray) -> list[tuple[float, int]]:
    """Return the names that have the most letters and pairs in common with one, each with the share of these."""
    own, size = _count_letters([name])
    common = np.zeros(len(sizes), np.uint16)
    for feature in np.flatnonzero(own):
        common += np.minimum(counts[feature], own[feature, 0])
    shares = common / np.maximum(sizes + size, 1)
    first = np.argsort(-shares, kind="stable")[:COMPARED]
    return list(zip(shares[first].tolist(), first.tolist(), strict=True))
