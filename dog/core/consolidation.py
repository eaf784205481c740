"""Consolidation: the models' calibrated scores pooled into one."""

from typing import Literal

import numpy as np
from scipy.special import expit, logit

Method = Literal["mean", "log_pool", "stacking", "rrf"]
METHODS: tuple[Method, ...] = ("mean", "log_pool", "stacking", "rrf")
RRF_K = 60
CLIP = 1e-6


def consolidate(scores: np.ndarray, weights: np.ndarray, method: Method = "mean") -> np.ndarray:
    """Pool the models' scores of each option, over the models that are present.

    Parameters
    ----------
    scores
        Calibrated scores, times their model's multiplier where one applies, shape (models, options); NaN where
        a model says nothing of an option.
    weights
        Weight of each model, >= 0, shape (models,); only their ratios count. For `stacking` they are the
        coefficients of a logistic regression (`fit_stacking`) and a last one is its intercept.
    method
        `mean` (weighted arithmetic mean), `log_pool` (of log odds), `stacking` or `rrf` (reciprocal ranks,
        k = 60, scaled so that first by every model gives 1).

    Returns
    -------
    Consolidated score, shape (options,); NaN where no model says anything.

    References
    ----------
    Genest & Zidek 1986, "Combining Probability Distributions" (linear and logarithmic pools); Cormack, Clarke &
    Büttcher 2009 (reciprocal rank fusion).

    Examples
    --------
    >>> consolidate(np.array([[0.2, np.nan], [0.4, 0.4]]), np.array([1.0, 3.0])).round(12)
    array([0.35, 0.4 ])

    """
    present = ~np.isnan(scores)
    if method == "stacking":
        eta = np.where(present, logit(np.clip(np.where(present, scores, 0.5), CLIP, 1 - CLIP)), 0.0)
        pooled = expit(weights[:-1] @ eta + weights[-1])
        return np.where(present.any(axis=0), pooled, np.nan)
    share = weights[:, None] * present
    total = share.sum(axis=0)
    share = np.divide(share, total, out=np.zeros_like(share), where=total > 0)
    known = np.where(present, scores, 0.5)
    if method == "mean":
        pooled = (share * known).sum(axis=0)
    elif method == "log_pool":
        pooled = expit((share * logit(np.clip(known, CLIP, 1 - CLIP))).sum(axis=0))
    else:
        order = np.argsort(np.argsort(-np.where(present, scores, -np.inf), axis=1, kind="stable"), axis=1)
        pooled = (share * (RRF_K + 1) / (RRF_K + 1 + order)).sum(axis=0)
    return np.where(total > 0, pooled, np.nan)
