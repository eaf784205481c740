import numpy as np
import pandas as pd
import pytest

from dog.errors import NotReady
from dog.models.churn import ChurnSettings, fit_churn
from dog.models.churn_features import CHURN_FEATURES, came_back, churn_features
from dog.models.purchases import purchases_before

CUTOFF = pd.Timestamp("2026-12-20", tz="UTC")


def test_a_contact_that_stopped_buying_scores_higher(year: pd.DataFrame) -> None:
    scores = fit_churn(year, CUTOFF).score().set_index("contact_id")["score"]
    known = year.loc[year["occurred_at"] < CUTOFF]
    silence_days = (CUTOFF - known.groupby("contact_id")["occurred_at"].max()).dt.days

    assert scores[silence_days > 60].min() > 0.8
    assert scores[silence_days < 5].max() < 0.2


def test_scores_are_probabilities_of_contacts(year: pd.DataFrame) -> None:
    scores = fit_churn(year, CUTOFF).score()

    assert len(scores) == 240
    assert (scores["product_id"] == "").all()
    assert scores["score"].between(0, 1).all()


def test_the_same_seed_gives_the_same_scores(year: pd.DataFrame) -> None:
    once = fit_churn(year, CUTOFF, seed=3).probability
    again = fit_churn(year, CUTOFF, seed=3).probability

    assert np.array_equal(once, again)


def test_the_future_does_not_leak_into_the_fit(year: pd.DataFrame) -> None:
    cutoff = pd.Timestamp("2026-10-01", tz="UTC")

    with_future = fit_churn(year, cutoff).probability
    without = fit_churn(year.loc[year["occurred_at"] < cutoff], cutoff).probability

    assert np.array_equal(with_future, without)


def test_the_order_of_the_rows_does_not_matter(year: pd.DataFrame) -> None:
    shuffled = year.sample(frac=1, random_state=1)

    assert np.array_equal(fit_churn(year, CUTOFF).probability, fit_churn(shuffled, CUTOFF).probability)


def test_features_are_named_finite_and_those_of_the_history_only(year: pd.DataFrame) -> None:
    features = pd.DataFrame(churn_features(purchases_before(year, CUTOFF), 84), columns=CHURN_FEATURES)

    assert np.isfinite(features.to_numpy()).all()
    assert features["recency_days"].between(0, 84).all()
    assert (features["visits_14_days"] <= features["visits_28_days"]).all()
    assert (features["visits_56_days"] <= features["visits_history"]).all()


def test_coming_back_means_buying_inside_the_days_ahead(year: pd.DataFrame) -> None:
    purchases = purchases_before(year, CUTOFF)
    begin, end = CUTOFF - pd.Timedelta(days=56), CUTOFF - pd.Timedelta(days=28)
    # a purchase exactly 24 hours before an instant belongs to the day that ends there
    inside = year.loc[(year["occurred_at"] >= begin) & (year["occurred_at"] < end), "contact_id"]

    assert set(purchases.contact_ids[came_back(purchases, 56, 28)]) == set(inside)


def test_too_short_a_history_is_refused_with_what_it_takes(year: pd.DataFrame) -> None:
    with pytest.raises(NotReady, match="60 days of transactions are too few; it takes 112"):
        fit_churn(year, pd.Timestamp("2026-03-02", tz="UTC"))


def test_contacts_that_never_leave_are_refused(year: pd.DataFrame) -> None:
    loyal = year.loc[year["contact_id"].isin(["c1", "c2", "c3"])]

    with pytest.raises(NotReady, match="too few contacts left or stayed"):
        fit_churn(loyal, CUTOFF)


def test_bad_settings_are_refused() -> None:
    with pytest.raises(ValueError, match="history_days at least 56"):
        ChurnSettings(history_days=30)
