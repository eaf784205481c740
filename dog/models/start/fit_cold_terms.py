"""Weigh what speaks for cold products: some warm products are hidden, and their buyers are to be found."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from dog.core.logistic import fit_logistic
from dog.models.start.cold_terms import ColdWeights
from dog.models.start.gate import Interval, finite_mean
from dog.models.start.hidden_products import HiddenProducts, HiddenRows
from dog.models.start.sampled_logistic import MOST_ROWS, RIDGE, draw_cells
from dog.models.start.start_parts import Factorise, TrainingData, find_warm
from dog.models.start.taste import Floats

HIDDEN_SHARE = 0.2
MOST_HIDDEN = 100
LEAST_HIDDEN = 8
"""Fewer hidden products prove nothing."""
KNOWN_BUYERS = (0, 3, 10)
"""Buyers of a hidden product that are known, one number for each band of `cold_terms.BUYER_STARTS`."""
SEED = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ColdVerdict:
    """How well the buyers of hidden products were found, by the number of known ones: AUC over contacts."""

    products: int
    known_buyers: tuple[int, ...]
    auc_most_active: tuple[float, ...]
    auc: tuple[float, ...]
    gain: Interval  # of AUC, over products, the mean over the numbers of known buyers

    @property
    def on(self) -> bool:
        """Whether the terms find buyers better than the contacts' activity alone, for certain."""
        return self.products >= LEAST_HIDDEN and self.gain.low > 0

    def to_document(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "products": self.products,
            "known_buyers": list(self.known_buyers),
            "auc_most_active": list(self.auc_most_active),
            "auc": list(self.auc),
            "gain": [self.gain.mean, self.gain.low, self.gain.high],
            "on": self.on,
        }


class _Judged(NamedTuple):
    """Weights of activity, taste, factors and likeness; AUC of each product by activity alone, and by all four."""

    weights: list[float]
    auc_most_active: Floats
    auc: Floats


def fit_cold_weights(data: TrainingData, factorise: Factorise) -> tuple[ColdWeights, ColdVerdict | None]:
    """Fit the weights, and judge them on hidden products that they were not fitted to."""
    warm = find_warm(data.histories.buyers)
    count = min(MOST_HIDDEN, int(warm.sum() * HIDDEN_SHARE))
    if count < LEAST_HIDDEN:
        return ColdWeights(), None
    chance = np.random.default_rng(SEED)
    hidden = np.sort(chance.permutation(np.flatnonzero(warm))[:count])
    judge = HiddenProducts.of(data, factorise, hidden, warm)
    half = chance.permutation(count) % 2
    judged = [
        _judge([judge.rows(product, known, chance) for product in hidden.tolist()], half) for known in KNOWN_BUYERS
    ]
    verdict = ColdVerdict(
        products=count,
        known_buyers=KNOWN_BUYERS,
        auc_most_active=tuple(finite_mean(one.auc_most_active) for one in judged),
        auc=tuple(finite_mean(one.auc) for one in judged),
        gain=Interval.of(np.mean([one.auc - one.auc_most_active for one in judged], axis=0)),
    )
    activity = next((one.weights[0] for one in judged if one.weights[0]), 0.0)
    if not verdict.on:
        return ColdWeights(activity=activity), verdict
    terms = tuple((taste, factors, alike) for _, taste, factors, alike in (one.weights for one in judged))
    return ColdWeights(terms=terms, activity=activity), verdict


def _judge(rows: Sequence[HiddenRows], half: np.ndarray) -> _Judged:
    """Fit the weights to all products; judge each half of them, shape (products,), by what the other half teaches."""
    found = np.empty(len(rows))
    for part in range(2):
        weights = np.array(_fit([row for row, own in zip(rows, half, strict=True) if own != part]))
        for place in np.flatnonzero(half == part).tolist():
            found[place] = _auc(weights @ rows[place].features, rows[place].bought)
    most_active = np.array([_auc(row.features[0], row.bought) for row in rows])
    return _Judged(_fit(rows), most_active, found)


def _fit(rows: Sequence[HiddenRows]) -> list[float]:
    """Return the weights of the features, at least 0; each product has a level of its own."""
    features, bought = np.concatenate([row.features for row in rows], axis=1), np.concatenate([r.bought for r in rows])
    if not bought.any() or bought.all():
        return [0.0] * len(features)
    product = np.repeat(np.arange(len(rows)), [len(row.bought) for row in rows])
    used = draw_cells(bought, ~bought, MOST_ROWS / len(bought), np.random.default_rng(SEED))
    spreads = np.maximum(features.std(axis=1), 1e-9)
    scaled = features[:, used] / spreads[:, None]
    fit = fit_logistic(scaled, bought[used], product[used], np.zeros(len(features)), RIDGE)
    return (fit.coefficients / spreads).tolist()


def _auc(scores: Floats, bought: np.ndarray) -> float:
    """Return the area under the ROC curve of one product over contacts; NaN where all or none bought it."""
    count, others = int(bought.sum()), int((~bought).sum())
    if not count or not others:
        return float("nan")
    _, place, tied = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = np.cumsum(tied)[place] - (tied[place] - 1) / 2  # ties share their mean
    return float((ranks[bought].sum() - count * (count + 1) / 2) / (count * others))
