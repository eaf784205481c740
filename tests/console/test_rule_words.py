"""Each effect of docs/reference/policies.md has its words."""

from typing import Any

import pytest

from dog.console.rule_words import WORDS, effect_words
from dog.core.rulebook.effect_kinds import EFFECTS


@pytest.mark.parametrize(
    ("then", "words"),
    [
        ({"exclude": True}, "excludes"),
        ({"cap": {"by": "product.category", "at_most": 2}}, "at most 2 with the same product.category on a list"),
        ({"exclusive": ["s", "m"]}, "at most one of s, m on a list"),
        ({"pin": 1}, "puts the best of them on place 1"),
        (
            {"limit": {"event": "win", "by": "product", "at_most": 1, "days": 1}},
            "excludes after 1 win of the product to anybody within 1 day",
        ),
    ],
)
def test_an_effect_is_told_in_words(then: dict[str, Any], words: str) -> None:
    assert effect_words({"then": then}) == words


def test_every_kind_of_effect_has_words() -> None:
    assert set(WORDS) == set(EFFECTS)


@pytest.mark.parametrize("then", [None, {}, {"cap": 3}, {"limit": {"by": "nobody"}}, {"multiply": "much"}])
def test_what_the_check_refuses_is_shown_as_it_is(then: Any) -> None:
    assert effect_words({"then": then}) == str(then)
