"""Consolidation: the models' calibrated scores pooled into one, by stated weights or by a fit to outcomes."""

from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from operator import add
from typing import Literal

import numpy as np

from dog.core.log_odds import clipped_log_odds, expit

Method = Literal["stacking", "mean", "log_pool", "rrf"]
METHODS: tuple[Method, ...] = ("stacking", "mean", "log_pool", "rrf")
Pool = Literal["mean", "log_pool", "rrf"]
POOLS: tuple[Pool, ...] = ("mean", "log_pool", "rrf")
"""The methods that need the stated weights only."""
RRF_K = 60


def consolidate(
    scores: np.ndarray, weights: np.ndarray, method: Pool = "mean", starts: np.ndarray | None = None
) -> np.ndarray:
    """Pool the models' scores of each option, over the models that have one.

    Parameters
    ----------
    scores
        Calibrated scores, times their model's multiplier where one applies, shape (models, options); NaN where
        a model has none. May exceed 1, except for the methods that need log odds.
    weights
        Weight of each model, >= 0, shape (models,); only their ratios count.
    method
        `mean` (weighted arithmetic mean), `log_pool` (of log odds) or `rrf` (reciprocal ranks, k = 60, scaled so that
        first by every model gives 1).
    starts
        Where each contact's options begin, and the end of the last, shape (contacts + 1,): `rrf` ranks the options
        of each contact. None for the options of one contact.

    Returns
    -------
    Consolidated score, shape (options,); NaN where no model with a weight has a score.

    References
    ----------
    Genest & Zidek 1986, "Combining Probability Distributions" (linear and logarithmic pools); Cormack, Clarke
    & Büttcher 2009 (reciprocal rank fusion).

    Examples
    --------
    >>> consolidate(np.array([[0.2, np.nan], [0.4, 0.4]]), np.array([1.0, 3.0])).round(12)
    array([0.35, 0.4 ])

    """
    absent = np.isnan(scores)
    if method == "mean" and not absent.any():  # the usual case: same bits, fewer steps
        whole = reduce(add, weights.tolist(), 0.0)
        if whole > 0:
            return np.asarray(((weights / whole)[:, None] * scores).sum(axis=0))
    present = ~absent
    weighed = weights[:, None] * present
    total = weighed.sum(axis=0)
    share = np.divide(weighed, total, out=np.zeros_like(weighed), where=total > 0)
    if method == "mean":
        pooled = (share * np.where(present, scores, 0.0)).sum(axis=0)
    elif method == "rrf":
        pooled = (share * (RRF_K + 1) / (RRF_K + _ranks(scores, starts))).sum(axis=0)
    else:
        pooled = expit((share * _log_odds(scores, present)).sum(axis=0))
    return np.where(total > 0, pooled, np.nan)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stacking:
    """A logistic regression on the log odds of the models' probabilities.

    log odds = intercept + sum over the models of coefficient x (log odds of the model - its mean)

    Parameters
    ----------
    coefficients
        One a model, >= 0, shape (models,).
    used
        Which models have a stated weight above 0, shape (models,).
    means
        Mean log odds of each model on the pitches of the fit, shape (models,): a model without a score counts with it.
    intercept
        Log odds of the average pitch.

    """

    coefficients: np.ndarray
    used: np.ndarray
    means: np.ndarray
    intercept: float

    def only(self, models: np.ndarray) -> "Stacking":
        """Return the regression of some models, by mask: the others count with their mean."""
        return Stacking(
            coefficients=self.coefficients[models],
            used=self.used[models],
            means=self.means[models],
            intercept=self.intercept,
        )

    def shares(self, calibrated: np.ndarray, multipliers: np.ndarray | None = None) -> np.ndarray:
        """Return what each model adds to the log odds, shape (models, options); 0 where it has no score.

        A multiplier of a model, shape (models, options), multiplies the odds of its probability.
        """
        odds = clipped_log_odds(calibrated)
        if multipliers is not None:
            odds = odds + np.log(multipliers)
        apart = odds - self.means[:, None]
        return np.asarray(self.coefficients[:, None] * np.where(np.isnan(apart), 0.0, apart))

    def pool(self, calibrated: np.ndarray, multipliers: np.ndarray | None = None) -> np.ndarray:
        """Return the probability of each option, shape (options,); NaN where no model with a weight has a score."""
        absent = np.isnan(calibrated)
        if multipliers is None and not absent.any():  # the usual case, in fewer steps
            odds = clipped_log_odds(calibrated)
            odds -= self.means[:, None]
            odds *= self.coefficients[:, None]
            return expit(odds.sum(axis=0) + self.intercept)
        pooled = expit(self.intercept + self.shares(calibrated, multipliers).sum(axis=0))
        known = (~absent & self.used[:, None]).any(axis=0)
        return np.asarray(np.where(known, pooled, np.nan))


def _log_odds(scores: np.ndarray, present: np.ndarray) -> np.ndarray:
    """Return log odds; 0 where a model is absent."""
    return np.where(present, clipped_log_odds(scores), 0.0)


def _ranks(scores: np.ndarray, starts: np.ndarray | None) -> np.ndarray:
    """Rank each model's options of each contact, 1 for the highest; equal scores share the better rank."""
    falling = -scores
    ranks = np.empty(scores.shape, np.int64)
    bounds = [0, scores.shape[1]] if starts is None else starts.tolist()
    for first, last in pairwise(bounds):
        for row, own in zip(ranks, falling[:, first:last], strict=True):
            row[first:last] = 1 + np.searchsorted(np.sort(own), own)
    return ranks
