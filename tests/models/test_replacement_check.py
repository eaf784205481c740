"""Which new models may replace the ones in use."""

import pytest

from dog.models.replacement_check import YARDSTICKS, why_worse


@pytest.mark.parametrize("name", YARDSTICKS)
def test_a_model_may_fall_behind_by_the_margin_and_no_more(name: str) -> None:
    rule = YARDSTICKS[name]
    in_use = {rule.figure: 0.5 + rule.sign * 0.1}, {rule.naive: 0.5}

    def new(gain: float) -> tuple[dict[str, float], dict[str, float]]:
        return {rule.figure: 0.5 + rule.sign * gain}, {rule.naive: 0.5}

    assert why_worse(name, new(0.1 - rule.margin * 0.99), in_use) == ""
    assert "margin" in why_worse(name, new(0.1 - rule.margin * 1.01), in_use)


def test_a_harder_season_is_no_reason_to_refuse() -> None:
    in_use = {"auc": 0.80}, {"auc_recency": 0.75}

    assert why_worse("churn", ({"auc": 0.65}, {"auc_recency": 0.60}), in_use) == ""


def test_the_first_model_is_taken_and_one_that_cannot_be_judged_is_not_taken_for_one_that_was() -> None:
    judged = {"auc": 0.8}, {"auc_recency": 0.7}

    assert why_worse("churn", judged, ({}, {})) == ""
    assert "too few data" in why_worse("churn", ({}, {}), judged)
