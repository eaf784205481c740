import numpy as np
import pandas as pd
import pytest

from dog.errors import NotReady
from dog.models.quality import (
    mean_poisson_deviance,
    measure_churn,
    measure_collaborative,
    measure_frequency,
    rank_quality,
)

CUTOFF = pd.Timestamp("2026-11-01", tz="UTC")


def test_churn_beats_recency_and_the_base_rate(year: pd.DataFrame) -> None:
    quality, baseline = measure_churn(year, CUTOFF, seed=0)

    assert quality["auc"] > baseline["auc_recency"] - 0.01
    assert quality["brier"] < 0.5 * baseline["brier_base_rate"]


def test_frequency_beats_the_product_mean(year: pd.DataFrame) -> None:
    quality, baseline = measure_frequency(year, CUTOFF)

    assert quality["poisson_deviance"] < 0.7 * baseline["poisson_deviance_product_mean"]
    assert quality["expected_per_bought"] == pytest.approx(1.0, abs=0.15)


def test_a_frequency_is_not_judged_on_weeks_in_which_nobody_came_back(year: pd.DataFrame) -> None:
    newcomer = year.iloc[[-1]].assign(contact_id="new", occurred_at=CUTOFF)

    with pytest.raises(NotReady, match="no contact came back"):
        measure_frequency(pd.concat([year.loc[year["occurred_at"] < CUTOFF], newcomer]), CUTOFF)


def test_collaborative_filtering_beats_popularity_where_tastes_differ(year: pd.DataFrame) -> None:
    # what is new to a contact is of its own taste; the popular products are of both
    first = year.drop_duplicates(["contact_id", "product_id"])
    seldom = year.loc[year.index.isin(first.index) & (year["occurred_at"] < "2026-03-01")]

    quality, baseline = measure_collaborative(seldom, pd.Timestamp("2026-01-20", tz="UTC"), 40, seed=0)

    assert quality["ndcg_at_10"] > 1.2 * baseline["ndcg_at_10_popular"]


def test_a_perfect_ranking_has_recall_and_ndcg_1() -> None:
    relevant = np.zeros((2, 30), dtype=bool)
    relevant[0, 3:9] = True

    assert rank_quality(relevant.astype(float), relevant) == (1.0, 1.0)


def test_what_must_not_be_offered_is_never_a_hit() -> None:
    scores = np.array([[-np.inf, 1.0, 0.5]])

    assert rank_quality(scores, np.array([[True, False, False]])) == (0.0, 0.0)


def test_recall_looks_at_the_ten_best_only() -> None:
    scores = -np.arange(20.0)[np.newaxis]
    relevant = np.zeros((1, 20), dtype=bool)
    relevant[0, [9, 10]] = True

    recall, _ = rank_quality(scores, relevant)

    assert recall == 0.5


def test_the_right_means_have_no_deviance_and_a_surprise_costs_a_finite_one() -> None:
    assert mean_poisson_deviance(np.array([1.0, 2.0]), np.array([1.0, 2.0])) == 0.0
    assert np.isfinite(mean_poisson_deviance(np.array([1.0]), np.array([0.0])))
