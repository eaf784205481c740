"""Reports of runs in German: their texts and no others, with the signs of the language."""

import re
from html import unescape

import pytest

from dog.console.runs.report_words import outcome_words, report_words
from tests.console.test_german_pages import english_lines

TEXT = re.compile(r'(?<=>)[^<>]*\w[^<>]*(?=<)|(?<=aria-label=")[^"]+(?=")')
SAME = {"start: AUC", "no_rules"}
"""Texts that are the same in German, and names of controls."""


def left_english(parts: str) -> list[str]:
    """Return the texts of a report that stay English, or hold English words."""
    shown = report_words(parts)
    pairs = zip(TEXT.findall(parts), TEXT.findall(shown), strict=True)
    same = [text for text, told in pairs if text == told and len(re.findall("[A-Za-z]{2,}", text)) > 1]
    return [*{*same} - SAME, *english_lines(unescape("\n".join(TEXT.findall(shown))))]


@pytest.mark.usefixtures("english")
def test_an_english_reader_is_shown_what_was_written() -> None:
    assert report_words("<p>1,200 trials.</p>") == "<p>1,200 trials.</p>"
    assert outcome_words("not proved") == "not proved"


@pytest.mark.usefixtures("german")
def test_names_and_marks_stay_as_they_are() -> None:
    hostile = "<td>&lt;img src=x&gt;</td><td title='a &amp; b'>c</td>"

    assert report_words(hostile) == hostile
