import numpy as np
import pytest
from numpy.typing import ArrayLike

from dog.core.learning.evidence import Evidence
from dog.core.learning.priors import sum_pairs
from dog.core.learning.win_rates import fit_pair_strength, fit_product_strength, global_rate, shrunk_rates


def test_one_win_of_one_pitch_moves_a_pair_a_little() -> None:
    rate = shrunk_rates(np.array([1.0]), np.array([1.0]), 0.12, 20.0)

    assert rate[0] == pytest.approx(0.161904761905, abs=1e-12)


def test_rates_borrow_from_the_level_above() -> None:
    tenant = global_rate(120, 1000)
    product = shrunk_rates(np.array([9.0]), np.array([50.0]), tenant, 50.0)
    pair = shrunk_rates(np.array([1.0]), np.array([3.0]), product, 20.0)

    assert tenant == pytest.approx(0.119801980198, abs=1e-12)
    assert product[0] == pytest.approx(0.149900990099, abs=1e-12)
    assert pair[0] == pytest.approx(0.173826947912, abs=1e-12)


def test_a_tenant_without_pitches_wins_one_in_ten() -> None:
    assert global_rate(0, 0) == 0.1


def test_without_pitches_the_prior_stands() -> None:
    np.testing.assert_array_equal(shrunk_rates(np.zeros(2), np.zeros(2), np.array([0.25, 0.5]), 4.0), [0.25, 0.5])


def test_product_strength_is_the_moment_estimate() -> None:
    strength = fit_product_strength(np.array([0, 1, 2, 5]), np.full(4, 10))

    assert strength == pytest.approx(3.695652173913, abs=1e-12)


def test_products_never_pitched_do_not_count_for_the_strength() -> None:
    strength = fit_product_strength(np.array([0, 1, 0, 2, 5]), np.array([10, 10, 0, 10, 10]))

    assert strength == fit_product_strength(np.array([0, 1, 2, 5]), np.full(4, 10))


@pytest.mark.parametrize(
    ("wins", "pitches", "strength"),
    [
        ([5, 5, 5], [50, 50, 50], 500.0),  # no product differs from another
        ([0, 50, 0, 50], [50, 50, 50, 50], 1.0),  # all or nothing
        ([3], [10], 50.0),  # one group
        ([0, 0], [10, 10], 50.0),  # no wins
        ([10, 10], [10, 10], 50.0),  # no losses
        ([1, 0, 1], [1, 1, 1], 50.0),  # one pitch each cannot differ
        ([], [], 50.0),
    ],
)
def test_product_strength_has_limits_and_a_fallback(wins: list[int], pitches: list[int], strength: float) -> None:
    assert fit_product_strength(np.array(wins), np.array(pitches)) == strength


def pair_strength(wins: ArrayLike, pitches: ArrayLike, product: ArrayLike, rates: ArrayLike) -> float:
    won, tried, rate = (np.asarray(values, float) for values in (wins, pitches, rates))
    evidence = Evidence(wins=won, pitches=tried, expected=0 * won, scored=0 * won)
    sums = sum_pairs(np.asarray(product, int), evidence, len(rate))
    totals = [part.sum(axis=0) for part in (sums.wins, sums.pitches, sums.squares, sums.pairs)]
    return fit_pair_strength(totals[0], totals[1], totals[2], totals[3], rate)


@pytest.mark.parametrize(
    ("wins", "pitches", "strength"),
    [
        ([5, 5, 5], [10, 10, 10], 200.0),
        ([0, 10, 10], [10, 10, 10], 2.0),
        ([5], [10], 20.0),
        ([0, 0], [10, 10], 20.0),
        ([1, 0, 1], [1, 1, 1], 20.0),
        ([], [], 20.0),
    ],
)
def test_pair_strength_has_limits_and_a_fallback(wins: list[int], pitches: list[int], strength: float) -> None:
    assert pair_strength(wins, pitches, [0] * len(wins), [0.5]) == strength


def test_pair_strength_is_pooled_over_products() -> None:
    # products at 0.5 and 0.2; pairs at 0.2, 0.8 and 0.35, 0.05
    strength = pair_strength([2, 8, 7, 1], [10, 10, 20, 20], [0, 0, 1, 1], [0.5, 0.2])

    spread = 7.2 + 20 * 0.15**2 / 0.16 * 2
    assert strength == pytest.approx((60 - 4) / (spread - 4) - 1, abs=1e-12)


@pytest.mark.parametrize("true_strength", [4.0, 30.0])
def test_the_strength_that_made_the_data_is_found_again(true_strength: float) -> None:
    random = np.random.default_rng(7)
    rates = random.beta(0.2 * true_strength, 0.8 * true_strength, 4000)
    pitches = random.integers(5, 40, 4000)
    wins = random.binomial(pitches, rates)

    of_products = fit_product_strength(wins, pitches)
    of_pairs = pair_strength(wins, pitches, [0] * 4000, [0.2])

    assert of_products == pytest.approx(true_strength, rel=0.1)
    assert of_pairs == pytest.approx(true_strength, rel=0.1)
