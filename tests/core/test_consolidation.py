import numpy as np
import pytest
from scipy.special import expit, logit

from dog.core.consolidation import POOLS, Pool, Stacking, consolidate

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


def stacking(coefficients: list[float], means: list[float], intercept: float) -> Stacking:
    return Stacking(
        coefficients=np.array(coefficients), used=np.ones(len(means), bool), means=np.array(means), intercept=intercept
    )


def test_stacking_is_a_logistic_regression_on_log_odds() -> None:
    pooled = stacking([0.5, 1.5], [-1.0, -2.0], -2.5).pool(np.array([[0.2], [0.8]]))

    assert pooled[0] == pytest.approx(expit(0.5 * (logit(0.2) + 1) + 1.5 * (logit(0.8) + 2) - 2.5), abs=1e-12)


def test_a_model_absent_from_a_stacking_counts_with_its_mean() -> None:
    found = stacking([0.5, 1.5], [-1.0, -2.0], -2.5)

    with_gap, with_mean = (found.pool(np.array([[0.2], [score]])) for score in (NAN, expit(-2.0)))

    np.testing.assert_allclose(with_gap, with_mean, rtol=1e-12)


@pytest.mark.parametrize("method", POOLS)
def test_an_absent_model_leaves_its_weight_to_the_others(method: Pool) -> None:
    weights = np.array([1.0, 3.0])

    with_gap = consolidate(np.array([[0.2, 0.3], [NAN, NAN]]), weights, method)
    alone = consolidate(np.array([[0.2, 0.3]]), np.ones(1), method)

    np.testing.assert_allclose(with_gap, alone, rtol=1e-14)


@pytest.mark.parametrize("method", POOLS)
def test_an_option_that_no_model_knows_has_no_score(method: Pool) -> None:
    pooled = consolidate(np.array([[0.2, NAN], [0.4, NAN]]), np.ones(2), method)

    assert not np.isnan(pooled[0])
    assert np.isnan(pooled[1])


@pytest.mark.parametrize("method", POOLS)
def test_a_model_without_weight_changes_nothing(method: Pool) -> None:
    alone = consolidate(np.array([[0.2, 0.7]]), np.ones(1), method)

    with_silent = consolidate(np.array([[0.2, 0.7], [0.9, 0.1]]), np.array([1.0, 0.0]), method)

    np.testing.assert_allclose(with_silent, alone, rtol=1e-14)
