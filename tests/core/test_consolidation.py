import numpy as np
import pytest
from scipy.special import expit, logit

from dog.core.consolidation import METHODS, Method, consolidate, fit_stacking

NAN = np.nan


def test_the_mean_weighs_the_models() -> None:
    pooled = consolidate(np.array([[0.2, 0.8], [0.6, 0.4]]), np.array([1.0, 3.0]), "mean")

    np.testing.assert_allclose(pooled, [0.5, 0.5], rtol=1e-14)


def test_the_mean_keeps_products_above_one_apart() -> None:
    pooled = consolidate(np.array([[1.2, 1.5]]), np.ones(1), "mean")

    np.testing.assert_allclose(pooled, [1.2, 1.5], rtol=1e-14)


def test_the_logarithmic_pool_averages_log_odds() -> None:
    pooled = consolidate(np.array([[0.2], [0.8]]), np.array([1.0, 3.0]), "log_pool")

    assert pooled[0] == pytest.approx(expit(0.25 * logit(0.2) + 0.75 * logit(0.8)), abs=1e-12)


def test_reciprocal_ranks_are_fused_over_sixty() -> None:
    pooled = consolidate(np.array([[0.9, 0.1, 0.5], [0.2, 0.7, 0.1]]), np.ones(2), "rrf")

    expected = [(61 / 61 + 61 / 62) / 2, (61 / 63 + 61 / 61) / 2, (61 / 62 + 61 / 63) / 2]
    np.testing.assert_allclose(pooled, expected, rtol=1e-14)


def test_equal_scores_share_a_rank() -> None:
    pooled = consolidate(np.array([[0.5, 0.9, 0.5]]), np.ones(1), "rrf")

    assert pooled[0] == pooled[2] < pooled[1] == 1.0


def test_stacking_is_a_logistic_regression_on_log_odds() -> None:
    pooled = consolidate(np.array([[0.2], [0.8]]), np.array([0.5, 1.5, -0.25]), "stacking")

    assert pooled[0] == pytest.approx(expit(0.5 * logit(0.2) + 1.5 * logit(0.8) - 0.25), abs=1e-12)


def test_stacking_that_was_not_fitted_is_the_logarithmic_pool() -> None:
    scores, weights = np.array([[0.2, 0.5], [0.8, NAN]]), np.array([1.0, 3.0])

    np.testing.assert_array_equal(consolidate(scores, weights, "stacking"), consolidate(scores, weights, "log_pool"))


@pytest.mark.parametrize("method", METHODS)
def test_an_absent_model_leaves_its_weight_to_the_others(method: Method) -> None:
    weights = np.array([1.0, 3.0])

    with_gap = consolidate(np.array([[0.2, 0.3], [NAN, NAN]]), weights, method)
    alone = consolidate(np.array([[0.2, 0.3]]), np.ones(1), method)

    np.testing.assert_allclose(with_gap, alone, rtol=1e-14)


def test_an_absent_model_does_not_speak_for_even_odds_in_stacking() -> None:
    pooled = consolidate(np.array([[0.1, 0.1], [0.1, NAN]]), np.array([0.5, 0.5, 0.0]), "stacking")

    np.testing.assert_allclose(pooled, [0.1, 0.1], rtol=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_an_option_that_no_model_knows_has_no_score(method: Method) -> None:
    pooled = consolidate(np.array([[0.2, NAN], [0.4, NAN]]), np.ones(2), method)

    assert not np.isnan(pooled[0])
    assert np.isnan(pooled[1])


@pytest.mark.parametrize("method", METHODS)
def test_a_model_without_weight_changes_nothing(method: Method) -> None:
    alone = consolidate(np.array([[0.2, 0.7]]), np.ones(1), method)

    with_silent = consolidate(np.array([[0.2, 0.7], [0.9, 0.1]]), np.array([1.0, 0.0]), method)

    np.testing.assert_allclose(with_silent, alone, rtol=1e-14)


def test_stacking_finds_the_coefficients_that_made_the_outcomes() -> None:
    random = np.random.default_rng(3)
    odds = random.normal(-1, 1.5, (3, 20_000))
    won = random.random(20_000) < expit(np.array([1.0, 0.4, 0.0]) @ odds - 0.3)

    weights = fit_stacking(expit(odds), won)

    np.testing.assert_allclose(weights, [1.0, 0.4, 0.0, -0.3], atol=0.06)


def test_stacking_gives_no_negative_coefficient() -> None:
    random = np.random.default_rng(4)
    good = random.normal(0, 1, 2000)
    won = random.random(2000) < expit(good)

    weights = fit_stacking(expit(np.array([good, -good])), won)

    assert weights[0] > 0.5
    assert weights[1] == 0.0


@pytest.mark.parametrize("outcome", [True, False])
def test_stacking_of_outcomes_all_alike_stays_finite(outcome: bool) -> None:
    weights = fit_stacking(np.array([[0.2, 0.4, NAN], [NAN, 0.1, NAN]]), np.full(3, outcome))

    assert np.isfinite(weights).all()
    assert (expit(weights[-1]) > 0.5) == outcome
