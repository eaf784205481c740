import numpy as np
import pytest

from dog.core.rulebook.columns import TextColumn
from dog.core.rulebook.text_columns import folded, like, matched, rank_together, remember

COLUMN = TextColumn.of(["Fax", None, "FAX", "ink"])


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("gold%", "golden", True),
        ("gold%", "Golden", False),
        ("%end", "the end", True),
        ("%a%b%", "xaxbx", True),
        ("%ab%ba%", "aba", False),
        ("_._", "a.b", True),
        ("_._", "a,b", False),
        ("", "", True),
        ("%", "any\nlines", True),
    ],
)
def test_like_is_the_like_of_sql(pattern: str, text: str, *, matches: bool) -> None:
    assert like(pattern)(text) is matches


def test_like_with_many_percent_signs_is_linear() -> None:
    assert not like("%a" * 50 + "b")("a" * 20_000)


def test_null_is_never_matched() -> None:
    assert matched(str.isupper)(COLUMN).tolist() == [False, False, True, False]


def test_folding_unites_the_words_that_become_one() -> None:
    lower = folded(str.lower)(COLUMN)

    assert lower.vocabulary == ("fax", "ink")
    assert lower.codes.tolist() == [0, -1, 0, 1]


def test_ranks_of_two_vocabularies_compare_as_their_texts() -> None:
    words, (left, right) = rank_together(("b", "a"), ("c", "a"))

    assert words == ("a", "b", "c")
    assert (left[1] == right[1], left[0] < right[0], bool(np.isnan(left[-1]))) == (True, True, True)


def test_an_answer_is_computed_once_for_the_same_object() -> None:
    calls = []

    def count(words: tuple[str, ...]) -> int:
        calls.append(words)
        return len(words)

    recall = remember(count)
    words = ("a", "b")

    assert [recall(words), recall(words)] == [2, 2]
    assert len(calls) == 1
