"""Widen packed scores to words of 8 bytes: of each array its time, then a record of `SCORES` a product.

Packed arrays come as cells of 4 bytes.
"""

from collections.abc import Sequence

import numpy as np
from numba import types

from dog.core.kernels.array_types import INTEGERS, array_of
from dog.core.kernels.compiled import compiled
from dog.core.records import BESIDE, CELL_BYTES, FORM_PLACE, RECORDS, SCORES_HEAD

CELLS = array_of(types.uint32)
HEAD_CELLS, FORM_BITS = SCORES_HEAD.itemsize // CELL_BYTES, 8 * (FORM_PLACE % CELL_BYTES)
HIGH_TIME = (1 << FORM_BITS) - 1


@compiled()
def form_of(cells: np.ndarray, begin: int) -> int:
    """Return the form of an array."""
    return int(cells[begin + 1] >> np.uint32(FORM_BITS))


@compiled()
def count_words(cells: np.ndarray, begin: int, end: int) -> int:
    """Return how many words an array is widened to."""
    if begin == end:
        return 0
    form = form_of(cells, begin)
    if form == RECORDS:
        return (end - begin) // 2
    return 1 + CELL_BYTES * (end - begin - HEAD_CELLS) // (CELL_BYTES + form - BESIDE)


@compiled()
def _word(low: np.integer, high: np.integer) -> np.uint64:
    return np.uint64(low) | np.uint64(high) << np.uint64(32)


@compiled()
def _widen_one(cells: np.ndarray, begin: int, words: np.ndarray) -> None:
    form, count = form_of(cells, begin), len(words) - 1
    words[0] = _word(cells[begin], cells[begin + 1] & np.uint32(HIGH_TIME))
    if form == RECORDS:
        for place in range(count):
            words[1 + place] = _word(cells[begin + 2 + 2 * place], cells[begin + 3 + 2 * place])
        return
    first, scores = np.uint64(cells[begin + 2]), cells[begin + HEAD_CELLS : begin + HEAD_CELLS + count]
    rest = cells[begin + HEAD_CELLS + count :]
    if form == BESIDE:
        for place in range(count):
            words[1 + place] = _word(first + np.uint64(place), scores[place])
    elif form == BESIDE + 1:
        narrow = rest.view(np.uint8)
        for place in range(count):
            words[1 + place] = _word(first + np.uint64(narrow[place]), scores[place])
    else:
        wide = rest.view(np.uint16)
        for place in range(count):
            words[1 + place] = _word(first + np.uint64(wide[place]), scores[place])


@compiled()
def widen(cells: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the words of all arrays, and where those of each begin and the last end; a part of other kernels."""
    word_ends = np.zeros(len(ends), np.int64)
    for place in range(len(ends) - 1):
        word_ends[place + 1] = word_ends[place] + count_words(cells, ends[place], ends[place + 1])
    words = np.empty(word_ends[-1], np.uint64)
    for place in range(len(ends) - 1):
        if ends[place] < ends[place + 1]:
            _widen_one(cells, ends[place], words[word_ends[place] : word_ends[place + 1]])
    return words, word_ends


@compiled((CELLS, INTEGERS))
def widen_scores(cells: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the words of all arrays, and where those of each begin and the last end.

    `ends` holds where the cells of each array begin and the last end, shape (arrays + 1,); an array may be empty.
    """
    return widen(cells, ends)


def widen_arrays(packed: Sequence[bytes]) -> tuple[np.ndarray, np.ndarray]:
    """Return what `widen_scores` returns, of arrays as they are stored; an array may be empty."""
    ends = np.cumsum([0, *map(len, packed)]) // CELL_BYTES
    return widen_scores(np.frombuffer(b"".join(packed), "<u4"), ends)
