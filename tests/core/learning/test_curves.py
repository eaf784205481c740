import numpy as np
import pytest

from dog.core.learning.curves import multiplier
from dog.core.learning.reinforcement_settings import FAMILIES, Family, Reinforcement

PUBLISHED = Reinforcement(family="linear", neutral=0.5, a_max=2.0, d_min=0.5)


def read(win_rates: list[float], neutral: float, settings: Reinforcement) -> np.ndarray:
    return multiplier(np.array(win_rates), neutral, settings)


def test_the_published_line_reads_as_published() -> None:
    np.testing.assert_allclose(read([0.9, 0.5, 0.1], 0.5, PUBLISHED), [1.8, 1, 0.6], rtol=0, atol=1e-12)


def test_the_exponential_curve_is_straight_in_logarithms() -> None:
    settings = Reinforcement(family="exponential", a_max=3.0, d_min=1 / 3)

    values = read([0.6, 0.05], 0.2, settings)

    np.testing.assert_allclose(values, [1.732050807569, 0.438691337651], rtol=0, atol=1e-12)


def test_the_ratio_curve_is_the_posterior_over_the_prior() -> None:
    rate = 0.173826947912

    value = read([rate], 0.119801980198, Reinforcement())

    assert value[0] == pytest.approx(1.450952209845, abs=1e-11)  # the rates above are given to 12 digits


def test_the_logistic_curve_rises_faster_at_first_than_the_exponential() -> None:
    logistic = read([0.6], 0.2, Reinforcement(family="logistic"))[0]

    assert logistic == pytest.approx(3 ** (np.tanh(1) / np.tanh(2)), abs=1e-12)
    assert logistic > read([0.6], 0.2, Reinforcement(family="exponential"))[0]


@pytest.mark.parametrize("family", FAMILIES)
def test_the_ends_are_the_bounds_and_the_neutral_point_is_one(family: Family) -> None:
    settings = Reinforcement(family=family, a_max=3.0, d_min=0.25)

    np.testing.assert_array_equal(read([0.0, 0.2, 1.0], 0.2, settings), [0.25, 1.0, 3.0])


@pytest.mark.parametrize("family", FAMILIES)
def test_an_unknown_win_rate_reads_exactly_one(family: Family) -> None:
    assert read([np.nan], 0.3, Reinforcement(family=family))[0] == 1.0


@pytest.mark.parametrize("family", FAMILIES)
def test_each_pair_may_have_a_neutral_point_of_its_own(family: Family) -> None:
    settings = Reinforcement(family=family)
    rates, neutrals = np.array([0.3, 0.3]), np.array([0.1, 0.6])

    together = multiplier(rates, neutrals, settings)

    np.testing.assert_array_equal(together, [read([0.3], 0.1, settings)[0], read([0.3], 0.6, settings)[0]])
