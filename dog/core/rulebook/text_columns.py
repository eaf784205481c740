"""TextColumn in conditions: vocabularies are ranked, folded and matched once, rows only look the answer up."""

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
    """Keep the last answer: the same vocabularies, the very same objects, come again with each request."""
    held: list[tuple[tuple[*Vocabularies], Answer]] = []

    def recall(*vocabularies: *Vocabularies) -> Answer:
        last = held[0] if held else None
        if last is None or not all(map(is_, last[0], vocabularies)):
            last = (vocabularies, build(*vocabularies))
            held[:] = [last]
        return last[1]

    return recall


def rank_together(*vocabularies: Vocabulary) -> tuple[Vocabulary, tuple[Floats, ...]]:
    """Rank the words of several vocabularies by code point, so that comparing ranks compares texts.

    Parameters
    ----------
    vocabularies
        Distinct words each.

    Returns
    -------
    All words in order, and for each vocabulary the rank of each word, with NaN last, where code -1 looks.

    Examples
    --------
    >>> rank_together(("b", "a"), ("c",))[1]
    (array([ 1.,  0., nan]), array([ 2., nan]))

    """
    words = tuple(sorted(set().union(*vocabularies)))
    ranks = {word: float(rank) for rank, word in enumerate(words)}
    return words, tuple(np.array([*(ranks[word] for word in vocabulary), np.nan]) for vocabulary in vocabularies)


def from_ranks(ranks: Floats, words: Vocabulary) -> TextColumn:
    """Turn ranks back into a text column; NaN is null."""
    return TextColumn(np.where(np.isnan(ranks), -1, ranks).astype(np.int32), words)


def folded(change: Callable[[str], str]) -> Callable[[Column], TextColumn]:
    """Make a function of a text column out of a function of one text."""

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
    """Make the mask of a text column out of a question about one text; null is never marked."""

    def ask(words: Vocabulary) -> Bools:
        return np.array([*map(holds, words), False])

    recall = remember(ask)

    def apply(column: Column) -> Bools:
        text = as_text(column)
        return recall(text.vocabulary).take(text.codes, mode="wrap")

    return apply


def as_text(column: Column) -> TextColumn:
    """Take a column as text; one that holds numbers has none."""
    return column if isinstance(column, TextColumn) else TextColumn(np.full(len(column), -1, dtype=np.int32), ())


def like(pattern: str) -> Callable[[str], bool]:
    r"""Read an SQL LIKE pattern: `%` stands for any text, `_` for one character, case counts, no escapes.

    Parameters
    ----------
    pattern
        The whole text must match.

    Returns
    -------
    Whether a text matches. Parts between `%` are looked for from left to right, each as early as it can be:
    linear in the text for each part, whatever the pattern, where one regular expression would go astray.

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
