import numpy as np

from dog.services.lists.rank_request import Ranking
from dog.services.lists.winners import winners_of


def test_the_numbers_are_those_of_the_chosen_options_best_first(ruled: Ranking) -> None:
    winners = winners_of(ruled)

    assert winners.options == ruled.ranked.chosen.tolist()
    assert winners.number("score").tolist() == [ruled.ranked.scores[option] for option in winners.options]


def test_a_model_without_a_score_has_no_number(ruled: Ranking) -> None:
    winners = winners_of(ruled)

    assert np.isnan(winners.number("raw.frequency")).tolist() == [False, False, True]


def test_rules_that_acted_are_named_by_number(ruled: Ranking) -> None:
    rules = ruled.ranked.rules.rules

    fired = [[rules[number].rule.id for number in numbers] for numbers in winners_of(ruled).fired]

    assert fired == [["push", "first"], ["push"], ["push"]]
