"""Quality of a model fitted before a cut-off and measured on what came after it, with a naive baseline."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import xlogy
from sklearn.metrics import brier_score_loss, roc_auc_score

from dog.errors import NotReady
from dog.models.churn import ChurnSettings, fit_churn, who_left
from dog.models.collaborative import fit_collaborative
from dog.models.frequency import FrequencySettings, fit_frequency
from dog.models.purchases import Floats, Purchases, count_matrix, purchases_before

TOP = 10
MIN_MEAN = 1e-6
"""Lower bound of expected counts: one surprise must not cost infinitely much."""

Figures = Mapping[str, float]


def measure_churn(transactions: pd.DataFrame, cutoff: pd.Timestamp, seed: int) -> tuple[Figures, Figures]:
    """Measure churn: area under the ROC curve and Brier score; the baselines are recency and the base rate."""
    settings = ChurnSettings()
    fitted = fit_churn(transactions, cutoff, settings, seed)
    churned = who_left(transactions, cutoff, fitted, settings.ahead_days)
    recency_days = np.full(len(churned), np.inf)
    np.minimum.at(recency_days, fitted.purchases.contact, fitted.purchases.age_days)
    quality = {
        "auc": float(roc_auc_score(churned, fitted.probability)),
        "brier": float(brier_score_loss(churned, fitted.probability)),
        "churn_rate": float(churned.mean()),
        "contacts": float(len(churned)),
    }
    base_rate = np.full(len(churned), fitted.base_rate)
    baseline = {
        "auc_recency": float(roc_auc_score(churned, recency_days)),
        "brier_base_rate": float(brier_score_loss(churned, base_rate)),
    }
    return quality, baseline


def measure_frequency(transactions: pd.DataFrame, cutoff: pd.Timestamp) -> tuple[Figures, Figures]:
    """Measure frequency: mean Poisson deviance over all pairs; the baseline is each product's mean rate."""
    settings = FrequencySettings()
    fitted = fit_frequency(transactions, cutoff, settings)
    bought = bought_after(transactions, cutoff, settings.ahead_days, fitted.purchases)
    if not bought.any():
        raise NotReady("frequency: no contact came back after the cut-off; there is nothing to judge")
    rival = fit_frequency(transactions, cutoff, FrequencySettings(visit_model="bg_nbd"))
    days = fitted.purchases.age_days.max() + 1
    mean_rate = count_matrix(fitted.purchases).mean(axis=0) / days * settings.ahead_days
    quality = {
        "poisson_deviance": mean_poisson_deviance(bought, fitted.matrix),
        "expected_per_bought": float(fitted.matrix.sum() / bought.sum()),
        "pairs": float(bought.size),
    }
    baseline = {
        "poisson_deviance_product_mean": mean_poisson_deviance(bought, np.broadcast_to(mean_rate, bought.shape)),
        "poisson_deviance_bg_nbd": mean_poisson_deviance(bought, rival.matrix),
    }
    return quality, baseline


def measure_collaborative(
    transactions: pd.DataFrame, cutoff: pd.Timestamp, held_out_days: float, seed: int
) -> tuple[Figures, Figures]:
    """Measure collaborative filtering on discovery: recall and NDCG of the ten best products never bought yet.

    Counted are contacts that bought some product for the first time in the held-out days. The baseline offers each
    the products with the most buyers among those it never bought.
    """
    fitted = fit_collaborative(transactions, cutoff, seed=seed)
    before = count_matrix(fitted.purchases) > 0
    discovered = (bought_after(transactions, cutoff, held_out_days, fitted.purchases) > 0) & ~before
    if not discovered.any():
        raise NotReady("cf: no contact bought a product new to it after the cut-off; there is nothing to judge")
    popularity = np.broadcast_to(before.sum(axis=0).astype(np.float64), before.shape)
    recall, ndcg = rank_quality(np.where(before, -np.inf, fitted.matrix), discovered)
    recall_popular, ndcg_popular = rank_quality(np.where(before, -np.inf, popularity), discovered)
    quality = {"recall_at_10": recall, "ndcg_at_10": ndcg, "contacts": float(discovered.any(axis=1).sum())}
    return quality, {"recall_at_10_popular": recall_popular, "ndcg_at_10_popular": ndcg_popular}


def bought_after(transactions: pd.DataFrame, cutoff: pd.Timestamp, days: float, known: Purchases) -> Floats:
    """Count what was bought in the days after the cut-off, by the contacts and products known before it."""
    later = purchases_before(transactions.loc[transactions["occurred_at"] >= cutoff], cutoff + pd.Timedelta(days=days))
    counts = pd.DataFrame(count_matrix(later), index=later.contact_ids, columns=later.product_ids)
    return counts.reindex(index=known.contact_ids, columns=known.product_ids, fill_value=0.0).to_numpy()


def mean_poisson_deviance(counts: Floats, means: Floats) -> float:
    """Return the mean Poisson deviance of counts from their expected means, 0 at best.

    Examples
    --------
    >>> mean_poisson_deviance(np.array([0.0, 2.0]), np.array([0.5, 2.0]))
    0.5

    """
    means = np.maximum(means, MIN_MEAN)
    return float(2 * np.mean(xlogy(counts, counts / means) - counts + means))


def rank_quality(scores: Floats, relevant: NDArray[np.bool_]) -> tuple[float, float]:
    """Return mean recall and NDCG of the ten best scores of each contact, each in [0, 1].

    `scores` and `relevant` have shape (contacts, products). What must not be offered scores -inf; contacts without a
    relevant product are left out. NDCG weights ranks by 1 / log2(rank + 1).

    References
    ----------
    Järvelin, Kekäläinen 2002, "Cumulated Gain-Based Evaluation of IR Techniques".

    Examples
    --------
    Twelve products; the wanted one comes second:

    >>> scores = np.array([np.arange(12.0)])
    >>> recall, ndcg = rank_quality(scores, scores == 10)
    >>> recall, round(ndcg, 3)
    (1.0, 0.631)

    """
    asked = relevant.any(axis=1)
    scores, relevant = scores[asked], relevant[asked]
    best = np.argsort(-scores, axis=1, kind="stable")[:, :TOP]
    hits = np.take_along_axis(relevant & np.isfinite(scores), best, axis=1)
    wanted = relevant.sum(axis=1)
    gain = 1 / np.log2(np.arange(2, best.shape[1] + 2))
    ideal = np.cumsum(gain)[np.minimum(wanted, best.shape[1]) - 1]
    return float((hits.sum(axis=1) / wanted).mean()), float((hits @ gain / ideal).mean())
