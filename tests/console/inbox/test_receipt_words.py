"""A chance and a receipt in words."""

from typing import Any

import pytest

from dog.console.inbox.receipt_words import describe_chance, describe_factors, describe_result, probability


def item(consolidated: float = 0.12, **factors: Any) -> dict[str, Any]:
    """Return an item whose factors are 1 but for those that are given."""
    multiplier = factors.pop("multiplier", 1.0)
    order_score = factors.pop("order_score", None)
    method = factors.pop("consolidation", "mean")
    performance = {"multiplier": multiplier, "odds": multiplier}
    found = {"streak": 1.0, "market": 1.0, "business": 1.0, "clamp": 1.0, "rules": [], **factors}
    score = consolidated * multiplier
    return {
        "score": score,
        "order_score": score if order_score is None else order_score,
        "factors": {"consolidated": consolidated, "performance": performance, **found},
        "inputs": {"consolidation": method},
    }


@pytest.mark.parametrize(
    ("chance", "told"),
    [
        (0.25, ("Very good", "1 in 4", "25 %")),
        (0.12, ("Good", "1 in 8", "12 %")),
        (0.08, ("Usual", "1 in 12", "8 %")),
        (0.04, ("Low", "1 in 25", "4 %")),
        (0.004, ("Very low", "1 in 250", "0.4 %")),
        (0.5, ("Very good", "1 in 2", "50 %")),
        (0.81, ("Very good", "8 in 10", "81 %")),
        (0.0001, ("Very low", "under 1 in 1,000", "under 0.1 %")),
        (1.0, ("Very good", "over 99 in 100", "over 99 %")),
    ],
)
def test_a_chance_is_told_in_words_by_the_usual_one(chance: float, told: tuple[str, str, str]) -> None:
    found = describe_chance(chance, 0.08)

    assert (found.level, found.odds, found.percent.replace("\N{NO-BREAK SPACE}", " ")) == told


def test_without_a_usual_chance_there_is_no_word() -> None:
    assert describe_chance(0.25, None).level == ""


def test_the_chance_is_a_probability_whatever_the_score_is() -> None:
    assert probability(item(0.5, multiplier=1.2, streak=3.0)) == pytest.approx(0.6)
    assert probability(item(0.5, multiplier=3.0)) == 1.0
    assert probability(item(consolidation="rrf")) is None
    by_score = item(0.5, multiplier=1.5)
    del by_score["factors"]["performance"]["odds"]
    assert probability(by_score) == 0.5


def test_a_receipt_names_the_factors_that_differ_from_1() -> None:
    gold = {"id": "push-gold", "effect": "multiply", "factor": 1.2, "reason": "Gold focus"}
    silent = {"id": "pinned", "effect": "pin", "factor": 1.0, "reason": ""}
    factors = describe_factors(item(multiplier=1.3, streak=0.5, rules=[gold, silent], order_score=0.12 * 1.3 * 1.1))

    assert [(one.words, one.value.replace("\N{NO-BREAK SPACE}", " ")) for one in factors] == [
        ("Chance by the models", "12.0 %"),
        ("wins more often than expected", "1.30"),
        ("discarded lately", "0.50"),
        ("rule “Gold focus”", "1.20"),
        ("shown to learn", "1.10"),
    ]
    assert factors[1].term == "performance multiplier: boost (ARM)"
    assert describe_result(item(0.4, multiplier=3.0)).words == "rank value"


def test_a_multiplier_below_1_is_damp_and_ranks_are_no_chance() -> None:
    factors = describe_factors(item(0.03, multiplier=0.7, consolidation="rrf"))

    assert [one.words for one in factors] == ["Score by the models", "wins less often than expected"]
    assert factors[1].term == "performance multiplier: damp (DRM)"
