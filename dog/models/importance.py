"""Feature importance of the reference models: the AUC lost when a feature is shuffled.

References
----------
Permutation importance: Breiman 2001, "Random Forests", section 10; measured on days after the cut-off.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from dog.errors import NotReady
from dog.models.churn import ChurnSettings, fit_churn, who_left
from dog.models.churn_features import CHURN_FEATURES
from dog.models.collaborative import fit_collaborative
from dog.models.frequency import fit_frequency
from dog.models.purchases import Floats, PairScores
from dog.models.quality import bought_after

SHUFFLES = 3
AHEAD_DAYS = 30.0

Importance = Mapping[str, float]
"""AUC lost by feature; `auc` is that of the intact model."""


def churn_importance(transactions: pd.DataFrame, cutoff: pd.Timestamp, seed: int = 0) -> Importance:
    """Return the importance of each feature of churn, on who left after a cut-off; `NotReady` as in `who_left`."""
    settings = ChurnSettings()
    fitted = fit_churn(transactions, cutoff, settings, seed)
    churned = who_left(transactions, cutoff, fitted, settings.ahead_days)
    chance = np.random.default_rng(seed)
    full = float(roc_auc_score(churned, fitted.probability))
    lost = {"auc": full}
    for column, name in enumerate(CHURN_FEATURES):
        drawn = []
        for _ in range(SHUFFLES):
            shuffled = fitted.features.copy()
            shuffled[:, column] = chance.permutation(shuffled[:, column])
            drawn.append(full - float(roc_auc_score(churned, fitted.predict(shuffled))))
        lost[name] = float(np.mean(drawn))
    return lost


def frequency_importance(transactions: pd.DataFrame, cutoff: pd.Timestamp, seed: int = 0) -> Importance:
    """Return the importance of contact and product for expected purchases after a cut-off."""
    return _pair_importance(fit_frequency(transactions, cutoff), transactions, cutoff, seed)


def collaborative_importance(transactions: pd.DataFrame, cutoff: pd.Timestamp, seed: int = 0) -> Importance:
    """Return the importance of contact and product for affinities, on what was bought after a cut-off."""
    return _pair_importance(fit_collaborative(transactions, cutoff, seed=seed), transactions, cutoff, seed)


def _pair_importance(fitted: PairScores, transactions: pd.DataFrame, cutoff: pd.Timestamp, seed: int) -> Importance:
    scores = fitted.matrix
    bought = bought_after(transactions, cutoff, AHEAD_DAYS, fitted.purchases) > 0
    if not bought.any() or bought.all():
        raise NotReady("nothing, or everything, was bought after the cut-off; there is nothing to learn")
    chance = np.random.default_rng(seed)
    full = _auc(bought, scores)
    of_both = np.outer(scores.mean(axis=1), scores.mean(axis=0))
    return {
        "auc": full,
        "contact": full - _auc(bought, scores[chance.permutation(len(scores))]),
        "product": full - _auc(bought, scores[:, chance.permutation(scores.shape[1])]),
        "contact and product together": full - _auc(bought, of_both),
    }


def _auc(bought: NDArray[np.bool_], scores: Floats) -> float:
    return float(roc_auc_score(bought.ravel(), scores.ravel()))
