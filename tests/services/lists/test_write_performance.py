from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pytest

from dog.core.learning.evidence import stored_evidence
from dog.core.learning.priors import fit_priors, sum_pairs
from dog.core.learning.reinforcement_settings import NeutralName, Reinforcement
from dog.core.receipt import explain_pairs, no_performance, performance_columns, shown_factors, shown_names
from dog.core.records import PAIRS
from dog.services.lists.rank_request import Ranking
from dog.services.lists.winners import winners_of
from dog.services.lists.write_receipts import write_items


def written(ranking: Ranking) -> list[dict[str, Any]]:
    return [item["factors"]["performance"] for item in write_items(ranking).documents()]


def test_a_pair_without_feedback_has_the_same_text_again(ruled: Ranking) -> None:
    first = written(ruled)

    assert set(ruled.active.receipts.performance) == {2, 4}
    assert written(ruled) == first


def test_a_pair_with_feedback_has_its_own_counts(ruled: Ranking) -> None:
    shown = dict(zip(winners_of(ruled).products, written(ruled), strict=True))

    assert {product: (row["wins"], row["pitches"]) for product, row in shown.items()} == {
        2: (0, 0),
        1: (1, 1),
        4: (0, 0),
    }


def test_a_pair_without_feedback_has_the_exploration_of_its_own_list(ruled: Ranking) -> None:
    for odds in (1.5, 2.0):
        order_odds = np.full(len(ruled.options.products), odds)
        explored = replace(ruled, options=replace(ruled.options, order_odds=order_odds))

        assert [row["explore"] for row in written(explored)] == [odds] * 3


def test_before_the_first_version_nothing_is_known(ruled: Ranking) -> None:
    unknown = replace(ruled, active=replace(ruled.active, multipliers=None))

    settings = ruled.active.policy.reinforcement
    assert written(unknown) == [no_performance(settings)] * 3


@pytest.mark.parametrize(("neutral", "on"), [("expected", None), ("expected", "score"), ("score", None), (0.2, "odds")])
def test_a_receipt_shows_columns_that_all_pairs_have(
    neutral: NeutralName | float, on: Literal["odds", "score"] | None
) -> None:
    settings, products, pairs = Reinforcement(neutral=neutral, on=on), np.array([0, 7, 1]), np.zeros(3, PAIRS)
    pairs["wins"], pairs["losses"], pairs["pending"] = [2, 0, 1], [1, 0, 4], [0, 0, 2]
    pairs["evidence_wins"], pairs["evidence_pitches"] = pairs["wins"], pairs["wins"] + pairs["losses"]
    pairs["evidence_scored"], pairs["evidence_expected"], pairs["part_pitches"] = [3, 0, 2], [0.6, 0, 0.2], [0, 0, 0.5]
    priors = fit_priors(sum_pairs(np.array([0, 1, 1]), stored_evidence(pairs), 3))
    values = np.array([1.2, 1.0, 0.7])

    every = performance_columns(explain_pairs(products, pairs, np.arange(3), values, priors, 2, settings))
    records = pairs[[2, 0]]
    shown = shown_factors(explain_pairs(products, records, np.array([1, -1, 0]), values, priors, 2, settings))

    assert tuple(shown) == shown_names(settings)
    as_lists = {name: [None if np.isnan(one) else one for one in column.tolist()] for name, column in shown.items()}
    assert as_lists == {name: every[name] for name in shown}
    assert (every["wins"], every["pitches"], every["recursions"]) == ([2, 0, 1], [3, 0, 7], [2, 2, 2])
    curve = [rise if rise is not None else fall for rise, fall in zip(every["arm"], every["drm"], strict=True)]
    factors = zip(curve, every["explore"], every["step"], strict=True)
    assert [a * b * c for a, b, c in factors] == pytest.approx(values.tolist(), rel=1e-14)
