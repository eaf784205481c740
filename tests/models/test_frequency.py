from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from dog.models.frequency import FrequencySettings, fit_frequency

CUTOFF = pd.Timestamp("2026-12-20", tz="UTC")

Sold = Callable[[Any], pd.DataFrame]


@pytest.mark.parametrize("visit_model", ["gamma_poisson", "bg_nbd"])
def test_as_much_is_expected_as_came_before_in_a_steady_trade(sold: Sold, visit_model: Any) -> None:
    start = np.random.default_rng(0).uniform(0, 7, 100)
    sales = sold(
        (f"c{contact}", "bread" if week % 2 else "milk", 7 * week + start[contact])
        for contact in range(100)
        for week in range(52)
    )

    fitted = fit_frequency(sales, pd.Timestamp("2026-12-31", tz="UTC"), FrequencySettings(visit_model=visit_model))

    assert fitted.matrix.sum(axis=1) == pytest.approx(30 / 7, rel=0.05)
    assert fitted.matrix.sum(axis=0) == pytest.approx(100 * 30 / 14, rel=0.05)


def test_what_a_contact_buys_more_often_is_expected_more_often(year: pd.DataFrame) -> None:
    scores = fit_frequency(year, CUTOFF).score().set_index(["contact_id", "product_id"])["score"]

    assert scores["c1", "p6"] > scores["c1", "p11"] > scores["c1", "p0"]


def test_a_contact_that_stopped_is_expected_less(year: pd.DataFrame) -> None:
    lately = year.loc[year["contact_id"].ne("c1") | (year["occurred_at"] < "2026-09-01")]

    stopped = fit_frequency(lately, CUTOFF).score().groupby("contact_id")["score"].sum()
    went_on = fit_frequency(year, CUTOFF).score().groupby("contact_id")["score"].sum()

    assert stopped["c1"] < 0.5 * went_on["c1"]


def test_each_known_pair_has_one_finite_score(year: pd.DataFrame) -> None:
    scores = fit_frequency(year, CUTOFF).score()

    assert len(scores) == 240 * 12
    assert not scores.duplicated(["contact_id", "product_id"]).any()
    assert np.isfinite(scores["score"]).all()
    assert (scores["score"] >= 0).all()


def test_twice_as_far_ahead_is_twice_as_much(year: pd.DataFrame) -> None:
    near = fit_frequency(year, CUTOFF, FrequencySettings(ahead_days=30)).matrix
    far = fit_frequency(year, CUTOFF, FrequencySettings(ahead_days=60)).matrix

    assert far == pytest.approx(2 * near)


def test_the_future_does_not_leak_into_the_fit(year: pd.DataFrame) -> None:
    cutoff = pd.Timestamp("2026-09-01", tz="UTC")

    with_future = fit_frequency(year, cutoff).matrix
    without = fit_frequency(year.loc[year["occurred_at"] < cutoff], cutoff).matrix

    assert np.array_equal(with_future, without)


def test_bad_settings_are_refused() -> None:
    with pytest.raises(ValueError, match="half-lives must be above 0"):
        FrequencySettings(visit_half_life_days=0)
