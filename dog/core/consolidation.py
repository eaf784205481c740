"""Consolidation: the models' calibrated scores pooled into one, by stated weights or by a fit to outcomes."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from dog.core.kernels import calibrate

Method = Literal["stacking", "mean", "log_pool", "rrf"]
METHODS: tuple[Method, ...] = ("stacking", "mean", "log_pool", "rrf")
Pool = Literal["mean", "log_pool", "rrf"]
POOLS: tuple[Pool, ...] = ("mean", "log_pool", "rrf")
"""The methods that need the stated weights only."""
METHOD_NUMBERS = {
    "stacking": calibrate.STACKING,
    "mean": calibrate.MEAN,
    "log_pool": calibrate.LOG_POOL,
    "rrf": calibrate.RRF,
}
"""Of the kernel."""


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
    table = np.zeros(len(weights), calibrate.MODEL)
    table["weight"] = weights
    return pool(table, METHOD_NUMBERS[method], 0.0, scores, starts)


def pool(
    table: np.ndarray, method: int, intercept: float, scores: np.ndarray, starts: np.ndarray | None = None
) -> np.ndarray:
    """Pool calibrated scores by the kernel, given its records of models and its number of the method."""
    given = np.ascontiguousarray(scores, np.float64)
    bounds = np.array([0, scores.shape[1]]) if starts is None else starts
    factors = np.ones(scores.shape) if method == calibrate.STACKING else given
    return calibrate.pool_scores(table, method, intercept, bounds, given, factors)


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

    def tabulate(self, table: np.ndarray) -> None:
        """Write it into the kernel's records of models."""
        table["coefficient"], table["mean"], table["is_used"] = self.coefficients, self.means, self.used

    def pool(self, calibrated: np.ndarray) -> np.ndarray:
        """Return the probability of each option, shape (options,); NaN where no model with a weight has a score."""
        table = np.zeros(len(calibrated), calibrate.MODEL)
        self.tabulate(table)
        return pool(table, calibrate.STACKING, self.intercept, calibrated)
