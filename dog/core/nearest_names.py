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
"""Names of each chunk that are compared letter by letter."""
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
    best: list[tuple[float, int | None]] = [(CUTOFF, None)] * len(wanted)
    for start in range(0, len(known), CHUNK_NAMES):
        chunk = [_fold(name) for name in known[start : start + CHUNK_NAMES]]
        letters, sizes = _count_letters(chunk)
        for place, name in enumerate(folded):
            for index in _similar(name, letters, sizes):
                similarity = SequenceMatcher(None, chunk[index], name).ratio()
                if similarity > best[place][0] or (best[place][1] is None and similarity >= CUTOFF):
                    best[place] = similarity, start + index
    return [index for _, index in best]


def _fold(name: str) -> bytes:
    return name.casefold().encode(errors="replace")[:LONGEST]


def _count_letters(names: Sequence[bytes]) -> tuple[np.ndarray, np.ndarray]:
    """Return how often each name has each letter and pair of letters, shape (names, features), and how many it has."""
    sizes = np.array([len(name) for name in names], np.int64)
    text = np.frombuffer(b"".join(names), np.uint8).astype(np.int64)
    owners = np.repeat(np.arange(len(names)), sizes)
    inside = owners[1:] == owners[:-1]
    features = LETTERS + PAIRS
    letters = owners * features + text % LETTERS
    pairs = owners[1:] * features + LETTERS + (text[:-1] * 7 + text[1:]) % PAIRS
    counts = np.bincount(np.concatenate([letters, pairs[inside]]), minlength=len(names) * features)
    return counts.astype(np.uint8).reshape(len(names), features), 2 * sizes - (sizes > 0)


def _similar(name: bytes, counts: np.ndarray, sizes: np.ndarray) -> list[int]:
    """Return the names that have the most letters and pairs in common with one, the best first."""
    own, size = _count_letters([name])
    common = np.minimum(counts, own).sum(axis=1, dtype=np.int64)
    shares = common / np.maximum(sizes + size, 1)
    first: list[int] = np.argsort(-shares, kind="stable")[:COMPARED].tolist()
    return first
