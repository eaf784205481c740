import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit

from dog.core.logistic import GROUP_PENALTY, fit_logistic

RANDOM = np.random.default_rng(3)
FEATURES = RANDOM.normal(-0.5, 1.0, (3, 3000))
WEEK = RANDOM.integers(0, 8, 3000)
WON = RANDOM.random(3000) < expit(np.array([1.0, 0.4, -0.3]) @ FEATURES - 1.5 + RANDOM.normal(0, 0.7, 8)[WEEK])
PRIOR = np.array([0.2, 0.4, 0.4])


def test_the_minimum_is_that_of_a_general_solver() -> None:
    def loss(found: np.ndarray) -> float:
        odds = found[:3] @ FEATURES + found[3] + found[4:][WEEK]
        ridge = 30 * ((found[:3] - PRIOR) ** 2).sum() / 2 + GROUP_PENALTY * (found[4:] ** 2).sum() / 2
        return float((np.logaddexp(0, odds) - WON * odds).sum() + ridge)

    bounds = [(0.0, None)] * 3 + [(None, None)] * 9
    solved = minimize(loss, np.zeros(12), bounds=bounds, method="L-BFGS-B", options={"maxfun": 10**6, "ftol": 1e-14})

    fit = fit_logistic(FEATURES, WON, WEEK, PRIOR, 30.0)

    np.testing.assert_allclose(fit.coefficients, solved.x[:3], atol=1e-3)
    assert fit.loss == pytest.approx(solved.fun, abs=1e-4)


def test_no_coefficient_is_negative() -> None:
    assert fit_logistic(FEATURES, WON, WEEK, PRIOR, 1.0).coefficients[2] == 0.0


def test_the_intercept_gives_all_pitches_their_mean_whatever_the_weeks_are_like() -> None:
    fit = fit_logistic(FEATURES, WON, WEEK, PRIOR, 30.0)

    chances = expit(fit.coefficients @ FEATURES + fit.intercept)

    assert chances.mean() == pytest.approx(WON.mean(), abs=1e-9)


def test_a_strong_ridge_holds_the_coefficients_at_the_prior() -> None:
    np.testing.assert_allclose(fit_logistic(FEATURES, WON, WEEK, PRIOR, 1e9).coefficients, PRIOR, atol=1e-4)


def test_weeks_with_other_base_rates_do_not_bend_the_coefficients() -> None:
    random = np.random.default_rng(8)
    week = np.repeat([0, 1], 20_000)
    feature = random.normal(week, 1.0)  # the second week's pitches have higher scores, and win less
    won = random.random(40_000) < expit(feature - np.where(week == 0, 1.0, 4.0))

    fit = fit_logistic(feature[None], won, week, np.zeros(1), 1.0)

    assert fit.coefficients[0] == pytest.approx(1.0, abs=0.06)


def test_the_order_of_the_pitches_makes_no_difference_beyond_rounding() -> None:
    order = np.random.default_rng(1).permutation(3000)

    one = fit_logistic(FEATURES, WON, WEEK, PRIOR, 30.0)
    two = fit_logistic(FEATURES[:, order], WON[order], WEEK[order], PRIOR, 30.0)

    np.testing.assert_allclose(one.coefficients, two.coefficients, rtol=1e-9)
    assert one.intercept == pytest.approx(two.intercept, rel=1e-9)
