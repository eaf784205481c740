"""Weigh what speaks for cold products: some warm products are hidden, and their buyers are to be found."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.stats import rankdata

from dog.core.logistic import fit_logistic
from dog.models.start.cold_terms import ColdWeights
from dog.models.start.fold_in import FoldIn
from dog.models.start.gate import Interval
from dog.models.start.start_parts import Factorise, StartParts, TrainingData, find_warm, fit_parts, likeness_of
from dog.models.start.taste import Floats

HIDDEN_SHARE = 0.2
MOST_HIDDEN = 100
LEAST_HIDDEN = 8
"""Fewer hidden products prove nothing."""
KNOWN_BUYERS = (0, 3, 10)
"""Buyers of a hidden product that are known, one number for each band of `cold_terms.BUYER_STARTS`."""
MOST_CONTACTS = 2_000
MOST_ROWS = 100_000
RIDGE = 1.0
SEED = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ColdVerdict:
    """How well the buyers of hidden products were found, by the number of known ones: AUC over contacts."""

    products: int
    known_buyers: tuple[int, ...]
    auc_most_active: tuple[float, ...]
    auc: tuple[float, ...]
    gain: Interval  # of AUC, over products, whatever the number of known buyers

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


@dataclass(frozen=True, slots=True)
class _Hidden:
    """One hidden product with some known buyers: a row for each other contact."""

    features: Floats  # activity, taste, factors, likeness, shape (4, contacts)
    bought: np.ndarray  # shape (contacts,)


def activity(event_counts: np.ndarray) -> Floats:
    """Return the activity of contacts: the logarithm of one more than their number of products."""
    return np.log1p(np.asarray(event_counts, np.float64))


def fit_cold_weights(data: TrainingData, factorise: Factorise) -> tuple[ColdWeights, ColdVerdict | None]:
    """Fit the weights, and judge them on hidden products that they were not fitted to."""
    chance = np.random.default_rng(SEED)
    warm = find_warm(data.histories.buyers)
    count = min(MOST_HIDDEN, int(warm.sum() * HIDDEN_SHARE))
    if count < LEAST_HIDDEN:
        return ColdWeights(), None
    hidden = np.sort(chance.permutation(np.flatnonzero(warm))[:count])
    judge = _HiddenProducts(data, factorise, hidden, warm)
    half = chance.permutation(count) % 2 == 0
    terms, most_active, found, gains = [], [], [], []
    weight_of_activity = 0.0
    for known in KNOWN_BUYERS:
        rows = [judge.rows(product, known, chance) for product in hidden.tolist()]
        base = np.array([_auc(one.features[0], one.bought) for one in rows])
        own = np.empty(count)
        for part in (half, ~half):
            others = _fit([row for row, is_in in zip(rows, part, strict=True) if not is_in])
            own[part] = [
                _auc(others @ row.features, row.bought) for row, is_in in zip(rows, part, strict=True) if is_in
            ]
        activity_weight, taste, factors, alike = _fit(rows).tolist()
        weight_of_activity = weight_of_activity or activity_weight
        terms.append((taste, factors, alike))
        most_active.append(float(np.nanmean(base)))
        found.append(float(np.nanmean(own)))
        gains.append(own - base)
    verdict = ColdVerdict(
        products=count,
        known_buyers=KNOWN_BUYERS,
        auc_most_active=tuple(most_active),
        auc=tuple(found),
        gain=Interval.of(np.mean(gains, axis=0)),
    )
    weights = ColdWeights(terms=tuple(terms), activity=weight_of_activity)
    return (weights if verdict.on else replace(ColdWeights(), activity=weight_of_activity)), verdict


class _HiddenProducts:
    """The parts fitted without some products, and what they say of contacts."""

    def __init__(self, data: TrainingData, factorise: Factorise, hidden: np.ndarray, warm: np.ndarray) -> None:
        is_hidden = np.zeros(data.histories.product_count, bool)
        is_hidden[hidden] = True
        seen = data.histories.without(is_hidden)
        self._parts: StartParts = fit_parts(replace(data, histories=seen), factorise, warm & ~is_hidden)
        self._tastes, self._folded = self._parts.tastes, self._parts.folded
        self._item_fold_in = FoldIn(self._folded)
        self._likeness = likeness_of(seen, data.encoded_products)
        self._activity = activity(seen.sizes)
        self._encoded = data.encoded_products
        self._bought = data.histories.matrix().tocsc()

    def rows(self, product: int, known: int, chance: np.random.Generator) -> _Hidden:
        """Return the features of the contacts that are not among some known buyers of a hidden product."""
        bought = np.zeros(len(self._activity), bool)
        bought[self._bought[:, [product]].indices] = True
        buyers = chance.permutation(np.flatnonzero(bought))[: min(known, int(bought.sum()) - 1)]
        mean = self._parts.cold.means(self._encoded[[product]])[0]
        vector = self._parts.cold.update.adapt(mean, len(buyers), self._tastes[buyers].sum(axis=0))
        factors = self._item_fold_in.fold(buyers)
        others = np.setdiff1d(np.arange(len(bought)), buyers)
        if len(others) > MOST_CONTACTS:
            others = np.sort(chance.permutation(others)[:MOST_CONTACTS])
        features = [
            self._activity[others],
            self._tastes[others] @ vector,
            self._folded[others] @ factors,
            self._likeness[others] @ self._encoded[product],
        ]
        return _Hidden(np.stack(features), bought[others])


def _fit(rows: list[_Hidden]) -> Floats:
    """Return the weights of the features, at least 0; each product has a level of its own."""
    features, bought = (
        np.concatenate([row.features for row in rows], axis=1),
        np.concatenate([row.bought for row in rows]),
    )
    product = np.repeat(np.arange(len(rows)), [len(row.bought) for row in rows])
    used = bought | (np.random.default_rng(SEED).random(len(bought)) < MOST_ROWS / len(bought))
    spreads = np.maximum(features.std(axis=1), 1e-9)
    scaled = features[:, used] / spreads[:, None]
    if not bought.any() or bought.all():
        return np.zeros(len(features))
    return np.asarray(
        fit_logistic(scaled, bought[used], product[used], np.zeros(len(features)), RIDGE).coefficients / spreads
    )


def _auc(scores: Floats, bought: np.ndarray) -> float:
    count, others = int(bought.sum()), int((~bought).sum())
    if not count or not others:
        return float("nan")
    return float((rankdata(scores)[bought].sum() - count * (count + 1) / 2) / (count * others))
