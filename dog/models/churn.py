"""Churn: the probability that a contact buys nothing in the weeks ahead."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import GroupKFold
from threadpoolctl import threadpool_limits

from dog.errors import NotReady
from dog.models.churn_features import came_back, churn_features
from dog.models.purchases import Floats, Purchases, known_earlier, purchases_before

FOLDS = 3


@dataclass(frozen=True, slots=True)
class ChurnSettings:
    """A contact churns if it buys nothing in the `ahead_days` after the cut-off.

    Features cover the `history_days` before a cut-off; the model learns from at most `cutoff_count` earlier cut-offs,
    `ahead_days` apart.
    """

    ahead_days: int = 28
    history_days: int = 84
    cutoff_count: int = 6

    def __post_init__(self) -> None:
        if self.ahead_days < 1 or self.history_days < 56 or self.cutoff_count < 1:
            raise ValueError("ahead_days and cutoff_count must be at least 1, history_days at least 56")


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedChurn:
    """Churn probability of every contact with a purchase before the cut-off, shape (contacts,).

    `predict` returns the probabilities for other `features`, shape (contacts, features).
    """

    purchases: Purchases = field(repr=False)
    probability: Floats = field(repr=False)
    base_rate: float
    features: Floats = field(repr=False)
    predict: Callable[[Floats], Floats] = field(repr=False)

    def score(self) -> pd.DataFrame:
        """Return the probabilities as rows contact_id, product_id (empty), score."""
        contact_ids = self.purchases.contact_ids.astype(str)
        return pd.DataFrame({"contact_id": contact_ids, "product_id": "", "score": self.probability})


def fit_churn(
    transactions: pd.DataFrame, cutoff: pd.Timestamp, settings: ChurnSettings | None = None, seed: int = 0
) -> FittedChurn:
    """Fit calibrated churn probabilities to earlier cut-offs, whose outcome is known, and predict from `cutoff` on.

    `transactions` and `cutoff` are as in `purchases_before`. The same seed and data give the same result. Raises
    `NotReady` where the history is too short, or too few contacts churned or stayed to learn the difference.

    References
    ----------
    Gradient boosting on recency, frequency and monetary value; isotonic calibration on folds that keep a
    contact together, Niculescu-Mizil, Caruana 2005, "Predicting Good Probabilities with Supervised Learning".
    """
    settings = settings or ChurnSettings()
    purchases = purchases_before(transactions, cutoff)
    features, churned, contact = _training_rows(purchases, settings)
    if min(churned.sum(), (~churned).sum()) < 10 * FOLDS:
        raise NotReady("churn: too few contacts left or stayed to learn from; load more transactions")
    model = CalibratedClassifierCV(
        HistGradientBoostingClassifier(
            learning_rate=0.05,
            max_leaf_nodes=15,
            min_samples_leaf=40,
            early_stopping=False,
            random_state=seed,
        ),
        method="isotonic",
        cv=list(GroupKFold(FOLDS, shuffle=True, random_state=seed).split(features, churned, contact)),
    )
    # the data are small: on a busy machine, threads would mostly wait for each other
    with threadpool_limits(1):
        model.fit(features, churned)
    own = churn_features(purchases, settings.history_days)
    predict = partial(_predict, model)
    return FittedChurn(
        purchases=purchases,
        probability=predict(own),
        base_rate=float(churned.mean()),
        features=own,
        predict=predict,
    )


def who_left(
    transactions: pd.DataFrame, cutoff: pd.Timestamp, fitted: FittedChurn, ahead_days: int
) -> NDArray[np.bool_]:
    """Return which fitted contacts bought nothing in the days after a cut-off; `NotReady` where all left, or none."""
    later = purchases_before(transactions, cutoff + pd.Timedelta(days=ahead_days))
    who = pd.Index(later.contact_ids).get_indexer(pd.Index(fitted.purchases.contact_ids))
    left: NDArray[np.bool_] = ~came_back(later, ahead_days, ahead_days)[who]
    if left.all() or not left.any():
        raise NotReady("churn: all or none of the contacts left after the cut-off; there is nothing to learn")
    return left


def _predict(model: CalibratedClassifierCV, features: Floats) -> Floats:
    with threadpool_limits(1):
        return model.predict_proba(features)[:, 1].astype(np.float64)


def _training_rows(
    purchases: Purchases, settings: ChurnSettings
) -> tuple[Floats, NDArray[np.bool_], NDArray[np.int64]]:
    covered_days = int(purchases.age_days.max()) + 1
    count = min((covered_days - settings.history_days) // settings.ahead_days, settings.cutoff_count)
    if count < 1:
        least = settings.history_days + settings.ahead_days
        raise NotReady(f"churn: {covered_days} days of transactions are too few; it takes {least}")
    features, churned, contacts = [], [], []
    for step in range(1, count + 1):
        days = step * settings.ahead_days
        then = known_earlier(purchases, days)
        seen = np.unique(then.contact)
        features.append(churn_features(then, settings.history_days)[seen])
        churned.append(~came_back(purchases, days, settings.ahead_days)[seen])
        contacts.append(seen)
    return np.concatenate(features), np.concatenate(churned), np.concatenate(contacts)
