"""Examples of pairs have the multipliers that pairs with such records get."""

import numpy as np

from dog.core.learning.reinforcement_settings import Reinforcement
from dog.services.publishing.example_pairs import example_pairs, ratio_odds


def test_an_example_has_the_known_answer_of_its_record() -> None:
    (lost,) = example_pairs(Reinforcement(), 0.5, 0.06, [(0, 2)])

    assert round(lost.ratio, 12) == 0.943396226415
    assert round(lost.boosted, 12) == 0.058377727708
    assert round(lost.multiplier, 12) == 0.972962128466


def test_odds_keep_to_the_bounds_and_are_1_where_a_pair_wins_as_expected() -> None:
    odds = ratio_odds(Reinforcement(a_max=2.0, d_min=0.5), 1.0, np.array([0.0, 1.0, 9.0]))

    assert odds.tolist() == [0.5, 1.0, 2.0]


def test_without_trust_no_record_counts() -> None:
    assert {one.multiplier for one in example_pairs(Reinforcement(), 0.0, 0.1, [(0, 20), (5, 5)])} == {1.0}
