"""A text of the service is found by its form and written in the reader's language."""

import pytest
from flask import Flask

from dog.console.text_forms import TextForms

TIMES = TextForms("once", "%(n)s times")
FORMS = TextForms(
    "Bought %(name)s %(times)s.",
    "Accepted on %(day)s.",
    "%(usual)s of offers win usually.",
    times=TIMES,
    usual=TextForms("%(share)s"),
)
GERMAN = (
    "Dr. Oetker 1.200-mal gekauft. It rains. Am 11. Nov. 2025 angenommen. Üblicherweise gewinnen 0,4 % der Angebote."
)
EXAMPLE = "Bought Dr. Oetker 1,200 times. It rains. Accepted on 11 Nov 2025. 0.4 % of offers win usually."


@pytest.mark.parametrize(("language", "told"), [("en", EXAMPLE), ("de", GERMAN)])
def test_sentences_that_have_a_form_are_translated_with_their_values(language: str, told: str) -> None:
    with Flask("console").test_request_context(headers={"Accept-Language": language}):
        assert FORMS.write_sentences(EXAMPLE) == told


def test_a_text_is_translated_as_a_whole_or_stays_as_it_is() -> None:
    with Flask("console").test_request_context(headers={"Accept-Language": "de"}):
        assert TIMES.write("3 times") == "3-mal"
        assert TIMES.write("more than 3 times") == "more than 3 times"


def test_the_29th_of_february_is_a_day_in_any_year() -> None:
    with Flask("console").test_request_context(headers={"Accept-Language": "de"}):
        assert FORMS.write_sentences("Accepted on 29 Feb.") == "Am 29. Feb. angenommen."


@pytest.mark.parametrize(
    ("sentence", "value"),
    [
        ("Bought soap , times.", ", times"),
        ("Accepted on 31 Feb.", "31 Feb"),
        ("1.2.3 % of offers win usually.", "1.2.3 %"),
    ],
)
def test_a_value_that_is_no_number_or_day_stays_as_it_is(sentence: str, value: str) -> None:
    with Flask("console").test_request_context(headers={"Accept-Language": "de"}):
        assert value in FORMS.write_sentences(sentence)
