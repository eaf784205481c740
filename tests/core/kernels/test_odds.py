import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dog.core import log_odds
from dog.core.kernels.odds import clipped, log_odds_of, odds_multiplier_of, probability_of
from tests.core.kernels.oracles import assert_same

numbers = st.one_of(st.floats(0.0, 1.0), st.floats(-2.0, 2.0), st.just(math.nan))


@given(numbers)
def test_log_odds_of_one_number_are_those_of_an_array(probability: float) -> None:
    assert_same(log_odds_of(probability), log_odds.clipped_log_odds(probability))


@given(st.one_of(st.floats(-1e6, 1e6), st.just(math.nan)))
def test_the_probability_of_one_number_is_that_of_an_array(value: float) -> None:
    assert_same(probability_of(value), log_odds.expit(value))


@given(numbers, st.floats(1e-3, 1e3))
def test_the_multiplier_of_one_number_is_that_of_an_array(probability: float, factor: float) -> None:
    assert_same(odds_multiplier_of(probability, factor), log_odds.odds_multiplier(np.array(probability), factor))


def test_a_probability_that_is_not_known_stays_unknown() -> None:
    assert math.isnan(clipped(math.nan))
    assert odds_multiplier_of(math.nan, 1.5) == 1.5
