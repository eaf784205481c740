"""Text in conditions: vocabularies are ranked, changed and matched once; rows look the results up."""

import re
from collections.abc import Callable
from operator import is_
from typing import TypeVar, TypeVarTuple

import numpy as np
from numpy.typing import NDArray

from dog.core.rulebook.columns import Bools, Column, Floats, TextColumn, Vocabulary

Answer = TypeVar("Answer")
Vocabularies = TypeVarTuple("Vocabularies")


def remember(build: Callable[[*Vocabularies], Answer]) -> Callable[[*Vocabularies], Answer]:
    """Cache the last result: the same vocabularies, the identical objects, come with each request."""
    held: list[tuple[tuple[*Vocabularies], Answer]] = []

    def recall(*vocabularies: *Vocabularies) -> Answer:
        last = held[0] if held else None
        if last is None or not all(map(is_, last[0], vocabularies)):
            last = (vocabularies, build(*vocabularies))
            held[:] = [last]
        return last[1]

    return recall


def rank_together(*vocabularies: Vocabulary) -> tuple[Vocabulary, tuple[Floats, ...]]:
    """Rank the texts of several vocabularies by code point, so that ranks compare as texts do.

    Returns
    -------
    All texts in order, and for each vocabulary the rank of each text, with NaN at the end, for code -1.

    Examples
    --------
    >>> rank_together(("b", "a"), ("c",))[1]
    (array([ 1.,  0., nan]), array([ 2., nan]))

    """
    words = tuple(sorted(set().union(*vocabularies)))
    ranks = {word: float(rank) for rank, word in enumerate(words)}
    return words, tuple(np.array([*(ranks[word] for word in vocabulary), np.nan]) for vocabulary in vocabularies)


def from_ranks(ranks: Floats, words: Vocabulary) -> TextColumn:
    """Convert ranks to a text column; NaN is null."""
    return TextColumn(np.where(np.isnan(ranks), -1, ranks).astype(np.int32), words)


def folded(change: Callable[[str], str]) -> Callable[[Column], TextColumn]:
    """Apply a function of one text to a text column."""

    def fold(words: Vocabulary) -> tuple[NDArray[np.int32], Vocabulary]:
        changed = TextColumn.of(change(word) for word in words)
        return np.append(changed.codes, np.int32(-1)), changed.vocabulary

    recall = remember(fold)

    def apply(column: Column) -> TextColumn:
        text = as_text(column)
        codes, words = recall(text.vocabulary)
        return TextColumn(codes[text.codes], words)

    return apply


def matched(holds: Callable[[str], bool]) -> Callable[[Column], Bools]:
    """Apply a test of one text to a text column; null is never marked."""
    marks = remember(lambda words: np.array([*map(holds, words), False]))

    def apply(column: Column) -> Bools:
        text = as_text(column)
        return marks(text.vocabulary).take(text.codes, mode="wrap")

    return apply


def as_text(column: Column) -> TextColumn:
    """Return a column as text; numbers become nulls."""
    return column if isinstance(column, TextColumn) else TextColumn(np.full(len(column), -1, dtype=np.int32), ())


def like(pattern: str) -> Callable[[str], bool]:
    r"""Return the test of an SQL LIKE pattern: `%` is any text, `_` one character; case-sensitive, without escapes.

    The whole text must match. Parts between `%` are searched from left to right, each as early as possible: linear in
    the text for each part, where one regular expression could backtrack.

    Examples
    --------
    >>> [like("f_x%")(word) for word in ("fax line", "fix", "fx")]
    [True, True, False]

    """
    first, *rest = (_part(part) for part in pattern.split("%"))

    def matches(text: str) -> bool:
        start = first.match(text)
        if not rest or start is None:
            return start is not None and start.end() == len(text)
        position = start.end()
        for part in rest[:-1]:
            found = part.search(text, position)
            if found is None:
                return False
            position = found.end()
        tail = len(text) - rest[-1].groups
        return tail >= position and rest[-1].match(text, tail) is not None

    return matches


def _part(part: str) -> re.Pattern[str]:
    # one group a character, so that the pattern knows its own length
    return re.compile("".join("(.)" if sign == "_" else f"({re.escape(sign)})" for sign in part), flags=re.DOTALL)
