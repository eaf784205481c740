"""Calibration: from a model's score, on any scale, to the probability that a pitch is won."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from dog.core.log_odds import logit
from dog.core.logistic import fit_logistic
from dog.core.score_axes import Axis, Load

SPREAD = 0.8
"""Standard deviation, in log odds, of standardised scores around the base rate."""
MIN_OUTCOMES = 300
MIN_WINS = 30
PLATT_PENALTY = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """A straight line in log odds: probability = sigmoid(slope * x + intercept).

    Parameters
    ----------
    method
        `standardised` (before 300 settled pitches and 30 wins), `platt` (from then on), `identity` (nothing known).
    slope, intercept
        The line.
    axis, load
        x is the score on this axis, standardised within this load; without a load it is the score's log odds.

    """

    method: Literal["standardised", "platt", "identity"]
    slope: float
    intercept: float
    axis: Axis = "log_odds"
    load: Load | None = None


def identity(*, lower_is_better: bool) -> Calibration:
    """Return the calibration that takes a score in [0, 1] as the probability (of a bad outcome, if lower is better)."""
    return Calibration(method="identity", slope=-1.0 if lower_is_better else 1.0, intercept=0.0)


def standard_line(
    load: Load, base_rate: float, *, lower_is_better: bool, axis: Axis | None = None, centre: float = 0.0
) -> Calibration:
    """Return the calibration sigmoid(logit(base rate) + 0.8 (z - centre)), z the score's place within its load.

    Parameters
    ----------
    load
        The model's scores.
    base_rate
        The tenant's win rate, in (0, 1).
    lower_is_better
        Whether a low score is good (churn).
    axis
        None for the load's usual one.
    centre
        Mean z of what was pitched: its win rate is the base rate, not that of all pairs.

    """
    slope = -SPREAD if lower_is_better else SPREAD
    return Calibration(
        method="standardised",
        slope=slope,
        intercept=float(logit(base_rate)) - slope * centre,
        axis=load.usual if axis is None else axis,
        load=load,
    )


def enough_outcomes(won: np.ndarray) -> bool:
    """Return whether outcomes suffice for a fit: 300 settled pitches, 30 of them won, and some lost."""
    return bool(len(won) >= MIN_OUTCOMES and MIN_WINS <= won.sum() < len(won))


def fit_line(places: np.ndarray, won: np.ndarray, week: np.ndarray, *, lower_is_better: bool) -> tuple[float, float]:
    """Fit slope and intercept of a line in log odds to outcomes, the slope on the right side of 0, ridge 1 on it.

    Parameters
    ----------
    places
        Each pitch's score on the axis, standardised within its load, shape (pitches,), finite.
    won
        Whether it was won, shape (pitches,).
    week
        Its week, from 0, shape (pitches,).
    lower_is_better
        Whether a low score is good; the slope is then <= 0, else >= 0.

    References
    ----------
    Platt 1999, "Probabilistic Outputs for Support Vector Machines".

    """
    sign = -1.0 if lower_is_better else 1.0
    fitted = fit_logistic(sign * places[None], won, week, np.zeros(1), PLATT_PENALTY)
    return sign * float(fitted.coefficients[0]), fitted.intercept
