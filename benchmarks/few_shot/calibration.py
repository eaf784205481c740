"""Combine a method's features with popularity: weights by logistic regression on cross-fitted episodes."""

from dataclasses import dataclass

import numpy as np

from dog.models.start.episodes import Episodes
from dog.models.start.taste import Floats

KEPT_OTHERS = 0.05
"""Share of the products that were not bought next that are kept for the fit, at random; each counts 20 times."""
RIDGE = 1e-3
MOST_STEPS = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Pairs of episode and product for a fit: index of both, what happened, weight; shape (pairs,) each."""

    episode: np.ndarray
    product: np.ndarray
    wanted: Floats
    weight: Floats


def draw_rows(episodes: Episodes, chance: np.random.Generator) -> Rows:
    """Return all wanted pairs and some of the others; products bought before are left out."""
    others = episodes.open & ~episodes.wanted & (chance.random(episodes.open.shape) < KEPT_OTHERS)
    episode, product = np.nonzero(episodes.wanted | others)
    wanted = episodes.wanted[episode, product]
    weight = np.where(wanted, 1.0, 1.0 / KEPT_OTHERS)
    return Rows(episode=episode, product=product, wanted=wanted.astype(np.float64), weight=weight)


def fit_logistic(columns: Floats, wanted: Floats, weight: Floats) -> Floats:
    """Return the weights of the columns, shape (columns,), by Newton's method.

    Examples
    --------
    >>> fit_logistic(np.ones((4, 1)), np.array([1.0, 0, 0, 0]), np.ones(4)).round(2).tolist()
    [-1.1]

    """
    found = np.zeros(columns.shape[1])
    ridge = RIDGE * np.eye(len(found))
    for _ in range(MOST_STEPS):
        chance = 1 / (1 + np.exp(-columns @ found))
        slope = columns.T @ (weight * (chance - wanted)) + RIDGE * found
        step = np.linalg.solve((columns.T * (weight * chance * (1 - chance))) @ columns + ridge, slope)
        found -= step
        if np.abs(step).max() < 1e-6:
            break
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """Weights of popularity and of the features, and the spreads that the features are divided by."""

    constant: float
    popularity: float
    features: Floats
    spreads: Floats

    def combine(self, offset: Floats, features: list[Floats]) -> Floats:
        """Return the logits of contacts, shape (contacts, products)."""
        total = self.constant + self.popularity * offset
        for weight, spread, feature in zip(self.features, self.spreads, features, strict=True):
            total = total + weight / spread * feature
        return total


AS_IT_IS = Weights(constant=0.0, popularity=0.0, features=np.ones(1), spreads=np.ones(1))
"""Of a method that gives the final score."""


def fit_weights(offset: Floats, features: Floats, wanted: Floats, weight: Floats) -> Weights:
    """Fit the weights on pairs: `offset` of shape (pairs,), `features` of shape (pairs, features)."""
    spreads = features.std(axis=0)
    spreads = np.where(spreads > 1e-12, spreads, 1.0)
    columns = np.column_stack([np.ones(len(offset)), offset, features / spreads])
    found = fit_logistic(columns, wanted, weight)
    return Weights(constant=float(found[0]), popularity=float(found[1]), features=found[2:], spreads=spreads)
