"""Consolidation: the models' calibrated scores pooled into one."""

from functools import reduce
from itertools import pairwise
from operator import add
from typing import Literal

import numpy as np

from dog.core.log_odds import expit, logit

Method = Literal["mean", "log_pool", "stacking", "rrf"]
METHODS: tuple[Method, ...] = ("mean", "log_pool", "stacking", "rrf")
RRF_K = 60
CLIP = 1e-6
STACKING_PENALTY = 1.0


def consolidate(
    scores: np.ndarray, weights: np.ndarray, method: Method = "mean", starts: np.ndarray | None = None
) -> np.ndarray:
    """Pool the models' scores of each option, over the models that have one.

    Parameters
    ----------
    scores
        Calibrated scores, times their model's multiplier where one applies, shape (models, options); NaN where
        a model has none. May exceed 1, except for the methods that need log odds.
    weights
        Weight of each model, >= 0, shape (models,); only their ratios count. For `stacking`, the coefficients
        and intercept of `fit_stacking`, shape (models + 1,); without an intercept it is the logarithmic pool.
    method
        `mean` (weighted arithmetic mean), `log_pool` (of log odds), `stacking` (logistic regression) or `rrf`
        (reciprocal ranks, k = 60, scaled so that first by every model gives 1).
    starts
        Where each contact's options begin, and the end of the last, shape (contacts + 1,): `rrf` ranks the options
        of each contact. None for the options of one contact.

    Returns
    -------
    Consolidated score, shape (options,); NaN where no model with a weight has a score.

    References
    ----------
    Genest & Zidek 1986, "Combining Probability Distributions" (linear and logarithmic pools); Breiman 1996,
    "Stacked Regressions" (weights >= 0); Cormack, Clarke & Büttcher 2009 (reciprocal rank fusion).

    Examples
    --------
    >>> consolidate(np.array([[0.2, np.nan], [0.4, 0.4]]), np.array([1.0, 3.0])).round(12)
    array([0.35, 0.4 ])

    """
    models = len(scores)
    absent = np.isnan(scores)
    if method == "mean" and not absent.any():  # the usual case: same bits, fewer steps
        whole = reduce(add, weights[:models].tolist(), 0.0)
        if whole > 0:
            return np.asarray(((weights[:models] / whole)[:, None] * scores).sum(axis=0))
    present = ~absent
    weighed = weights[:models, None] * present
    total = weighed.sum(axis=0)
    share = np.divide(weighed, total, out=np.zeros_like(weighed), where=total > 0)
    if method == "mean":
        pooled = (share * np.where(present, scores, 0.0)).sum(axis=0)
    elif method == "rrf":
        pooled = (share * (RRF_K + 1) / (RRF_K + _ranks(scores, starts))).sum(axis=0)
    else:
        stacked = method == "stacking" and len(weights) > models
        # the coefficients of absent models go to those present; otherwise a missing score would count as odds of 1:1
        slope, intercept = (weights[:models].sum(), weights[models]) if stacked else (1.0, 0.0)
        pooled = expit(slope * (share * _log_odds(scores, present)).sum(axis=0) + intercept)
    return np.where(total > 0, pooled, np.nan)


def fit_stacking(scores: np.ndarray, won: np.ndarray) -> np.ndarray:
    """Fit the weights of the models' log odds by a logistic regression with coefficients >= 0.

    Parameters
    ----------
    scores
        Calibrated scores at each resolved pitch, shape (models, pitches); NaN where a model had none.
    won
        Whether the pitch was won, shape (pitches,).

    Returns
    -------
    Coefficients and, last, the intercept, shape (models + 1,): `weights` of `consolidate`. A ridge keeps
    the coefficients finite, targets smoothed as in Platt 1999 the intercept.

    References
    ----------
    Breiman 1996, "Stacked Regressions"; solved by L-BFGS-B.

    Examples
    --------
    >>> pays, noise = np.tile([0.3, 0.7], 50), np.tile([0.7, 0.7, 0.3, 0.3], 25)
    >>> coefficients = fit_stacking(np.array([pays, noise]), pays > 0.5)
    >>> bool(coefficients[0] > 3 * coefficients[1] >= 0)
    True

    """
    from scipy.optimize import minimize  # noqa: PLC0415  # 0.4 s to import, for the weekly job alone

    present = ~np.isnan(scores)
    said = np.maximum(present.sum(axis=0), 1)
    odds = _log_odds(scores, present)
    features = np.vstack([np.where(present, odds, odds.sum(axis=0) / said), np.ones(scores.shape[1])])
    wins = int(np.sum(won))
    target = np.where(won, (wins + 1) / (wins + 2), 1 / (len(won) - wins + 2))
    ridge = np.append(np.full(len(scores), STACKING_PENALTY), 0.0)

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        eta = weights @ features
        value = (np.logaddexp(0, eta) - target * eta).sum() + (ridge * weights**2).sum() / 2
        return float(value), features @ (expit(eta) - target) + ridge * weights

    bounds = [(0.0, None)] * len(scores) + [(None, None)]
    start = np.append(np.full(len(scores), 1 / len(scores)), 0.0)
    return np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x)


def _log_odds(scores: np.ndarray, present: np.ndarray) -> np.ndarray:
    """Return log odds; 0 where a model is absent."""
    return np.where(present, logit(np.clip(np.where(present, scores, 0.5), CLIP, 1 - CLIP)), 0.0)


def _ranks(scores: np.ndarray, starts: np.ndarray | None) -> np.ndarray:
    """Rank each model's options of each contact, 1 for the highest; equal scores share the better rank."""
    falling = -scores
    ranks = np.empty(scores.shape, np.int64)
    bounds = [0, scores.shape[1]] if starts is None else starts.tolist()
    for first, last in pairwise(bounds):
        for row, own in zip(ranks, falling[:, first:last], strict=True):
            row[first:last] = 1 + np.searchsorted(np.sort(own), own)
    return ranks
