"""What the reference models depend on: told by shuffling, on days the models had not seen."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from dog.errors import NotReady
from dog.models.churn_features import CHURN_FEATURES
from dog.models.importance import Importance, churn_importance, collaborative_importance, frequency_importance

CUTOFF = pd.Timestamp("2026-11-01", tz="UTC")


def test_churn_lives_on_recent_visits(year: pd.DataFrame) -> None:
    found = churn_importance(year, CUTOFF)

    best = max((name for name in found if name != "auc"), key=found.__getitem__)
    assert set(found) == {"auc", *CHURN_FEATURES}
    assert found["auc"] > 0.8
    assert best in ("recency_days", "visits_14_days", "visits_28_days", "overdue", "trend")


@pytest.mark.parametrize("tell", [frequency_importance, collaborative_importance])
def test_where_contacts_have_two_tastes_it_matters_whose_the_score_is(
    year: pd.DataFrame, tell: Callable[[pd.DataFrame, pd.Timestamp], Importance]
) -> None:
    found = tell(year, CUTOFF)

    assert found["auc"] > 0.8
    assert found["contact"] > 0.1
    assert found["contact and product together"] > 0.05


def test_the_same_seed_tells_the_same(year: pd.DataFrame) -> None:
    assert frequency_importance(year, CUTOFF, seed=1) == frequency_importance(year, CUTOFF, seed=1)


def test_without_later_purchases_there_is_nothing_to_tell(year: pd.DataFrame) -> None:
    with pytest.raises(NotReady):
        frequency_importance(year, year["occurred_at"].max() + pd.Timedelta(days=1))
    with pytest.raises(NotReady):
        churn_importance(year, year["occurred_at"].max() + pd.Timedelta(days=1))


def test_importance_leaves_the_table_as_it_was(year: pd.DataFrame) -> None:
    before = year.copy()
    collaborative_importance(year, CUTOFF)

    pd.testing.assert_frame_equal(year, before)
    assert np.isfinite(list(collaborative_importance(year, CUTOFF).values())).all()
