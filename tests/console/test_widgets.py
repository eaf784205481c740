"""Counts and times are written as the pages show them."""

import pytest

from dog.console.widgets import count, minute


@pytest.mark.parametrize(
    ("number", "noun", "text"), [(1, "rule", "1 rule"), (0, "rule", "0 rules"), (1234, "loss", "1,234 losses")]
)
def test_a_noun_is_plural_unless_there_is_one(number: int, noun: str, text: str) -> None:
    assert count(number, noun) == text


def test_times_are_shown_to_the_minute_and_missing_ones_not_at_all() -> None:
    assert minute(1_795_924_102_877) == "2026-11-29 03:48"
    assert minute(None) == ""
