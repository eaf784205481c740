"""Fill the holes of JSON documents of one shape: bytes in, bytes out."""

import numpy as np
from numba import types

from dog.core.kernels.array_types import INTEGERS, array_of
from dog.core.kernels.compiled import compiled

BYTES = array_of(types.uint8)
COMMA, OPEN, CLOSE, BRACE, NULL, NEWLINE = 44, 91, 93, 123, 110, 10
"""Of JSON: `,`, `[`, `]`, `{`, the first letter of null; and what ends a text."""
LONGEST_NUMBER = 25
"""As in -1.7976931348623157e+308."""
ONE = np.uint64(1)
"""Places are unsigned: each place with a sign would be checked for being negative, twice the instructions."""
TEXT, END, MEMBER = -1, -2, -3
"""Holes of no number: the next text; the end of a member; `MEMBER` - c begins one that is left out where the number of
column c is null."""


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
def _end_of_text(texts: np.ndarray, place: np.uint64) -> np.uint64:
    while texts[place] != NEWLINE:
        place += ONE
    return place


@compiled()
def _copy(source: np.ndarray, begin: np.uint64, end: np.uint64, target: np.ndarray, place: np.uint64) -> np.uint64:
    """Copy bytes; return where the next go."""
    for letter in range(end - begin):
        target[place + letter] = source[begin + letter]
    return place + (end - begin)


@compiled()
def _fill_one(
    table: np.ndarray,
    ends: np.ndarray,
    pieces: np.ndarray,
    piece_ends: np.ndarray,
    holes: np.ndarray,
    texts: np.ndarray,
    in_texts: np.uint64,
    written: np.ndarray,
    place: np.uint64,
) -> tuple[np.uint64, np.uint64]:
    """Write a document, given where the numbers of its row end; return the places of the next and of its texts."""
    begin, is_written = np.uint64(0), True
    for hole in range(len(holes)):
        end, column = np.uint64(piece_ends[hole]), holes[hole]
        if is_written:
            place = _copy(pieces, begin, end, written, place)
        begin = end
        if column == TEXT:
            text_end = _end_of_text(texts, in_texts)
            if is_written:
                place = _copy(texts, in_texts, text_end, written, place)
            in_texts = text_end + ONE
        elif column == END:
            is_written = True
        elif column <= MEMBER:
            is_written = table[ends[MEMBER - column] + ONE] != NULL
            if written[place - ONE] == BRACE:
                begin += ONE  # the first member has no comma
        elif is_written:
            place = _copy(table, ends[column] + ONE, ends[column + 1], written, place)
    return _copy(pieces, begin, np.uint64(len(pieces)), written, place), in_texts


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
        What each hole holds: a column of `table`, or `TEXT`, or where a member of an object begins or ends. A member
        begins with a comma.
    texts
        The texts of all documents in the order of their holes, a newline behind each.

    """
    written = np.empty(count * (len(pieces) + 1 + LONGEST_NUMBER * len(holes)) + len(texts), np.uint8)
    ends, in_table, in_texts, place = np.zeros(width + 1, np.uint64), ONE, ONE - ONE, ONE - ONE
    for document in range(first + count):
        in_table = _find_row(table, in_table, ends)
        if document < first:
            continue
        place, in_texts = _fill_one(table, ends, pieces, piece_ends, holes, texts, in_texts, written, place)
        if document < first + count - 1:
            written[place] = COMMA
            place += ONE
    return written[:place]
