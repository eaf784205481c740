"""Fill the holes of JSON documents of one shape: bytes in, bytes out."""

import numpy as np
from numba import types

from dog.core.kernels.array_types import INTEGERS, array_of
from dog.core.kernels.compiled import compiled

BYTES = array_of(types.uint8)
COMMA, OPEN, CLOSE, NEWLINE = 44, 91, 93, 10
"""Of JSON: `,`, `[`, `]`; and what ends a text."""
LONGEST_NUMBER = 25
"""As in -1.7976931348623157e+308."""
ONE = np.uint64(1)
"""Places are unsigned: each place with a sign would be checked for being negative, twice the instructions."""
TEXT = -1
"""A hole of the next text."""


@compiled()
def _find_row(table: np.ndarray, place: np.uint64, ends: np.ndarray) -> np.uint64:
    """Find the numbers of the next row of a JSON table: write where each begins and ends, return the end of the row.

    The number of column c lies between `ends[c]` + 1 and `ends[c + 1]`.
    """
    while table[place] != OPEN:
        place += ONE
    ends[0] = place
    for column in range(1, len(ends)):
        place += ONE
        while table[place] != COMMA and table[place] != CLOSE:
            place += ONE
        ends[column] = place
    return place


@compiled()
def _copy(source: np.ndarray, begin: np.uint64, end: np.uint64, target: np.ndarray, place: np.uint64) -> np.uint64:
    """Copy bytes; return where the next go."""
    for letter in range(end - begin):
        target[place + letter] = source[begin + letter]
    return place + (end - begin)


@compiled((BYTES, types.int64, types.int64, types.int64, BYTES, INTEGERS, INTEGERS, BYTES))
def fill_documents(
    table: np.ndarray,
    width: int,
    first: int,
    count: int,
    pieces: np.ndarray,
    piece_ends: np.ndarray,
    holes: np.ndarray,
    texts: np.ndarray,
) -> np.ndarray:
    """Return documents as JSON, with commas between them.

    Parameters
    ----------
    table, width
        Numbers as JSON: an array of rows, each an array of `width` numbers or nulls, without spaces.
    first, count
        The row of the first document, and the number of documents.
    pieces, piece_ends
        The text before, between and behind the holes of a document, end to end, and the end of each piece.
    holes
        What each hole holds: a column of `table`, or `TEXT`.
    texts
        The texts of all documents in the order of their holes, a newline behind each.

    """
    written = np.empty(count * (len(pieces) + 1 + LONGEST_NUMBER * len(holes)) + len(texts), np.uint8)
    ends, in_table, in_texts, place = np.zeros(width + 1, np.uint64), ONE, ONE - ONE, ONE - ONE
    for document in range(first + count):
        in_table = _find_row(table, in_table, ends)
        if document < first:
            continue
        begin = np.uint64(0)
        for hole in range(len(holes)):
            end, column = np.uint64(piece_ends[hole]), holes[hole]
            place, begin = _copy(pieces, begin, end, written, place), end
            if column != TEXT:
                place = _copy(table, ends[column] + ONE, ends[column + 1], written, place)
                continue
            while texts[in_texts] != NEWLINE:
                written[place] = texts[in_texts]
                in_texts, place = in_texts + ONE, place + ONE
            in_texts += ONE
        place = _copy(pieces, begin, np.uint64(len(pieces)), written, place)
        if document < first + count - 1:
            written[place] = COMMA
            place += ONE
    return written[:place]
