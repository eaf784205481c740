"""Counts are written as the pages show them."""

import pytest

from dog.console.widgets import count


@pytest.mark.parametrize(
    ("number", "noun", "text"), [(1, "rule", "1 rule"), (0, "rule", "0 rules"), (1234, "loss", "1,234 losses")]
)
def test_a_noun_is_plural_unless_there_is_one(number: int, noun: str, text: str) -> None:
    assert count(number, noun) == text
