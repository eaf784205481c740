"""Calibration: from a model's score, on any scale, to the probability that a pitch is won."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from dog.core.log_odds import clipped_log_odds, expit, logit
from dog.core.logistic import fit_logistic
from dog.core.score_axes import FLAT, Axis, Load

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


def probability(scores: np.ndarray, calibration: Calibration) -> np.ndarray:
    """Calibrate scores.

    Parameters
    ----------
    scores
        One model's scores, shape (options,); NaN where the model has none.
    calibration
        That model's.

    Returns
    -------
    Probabilities in (0, 1), shape (options,); NaN stays NaN.

    """
    return Lines([calibration]).probabilities(np.asarray(scores)[None])[0]


class Lines:
    """The calibrations of several models, with all that does not depend on the scores done once."""

    __slots__ = ("_intercepts", "_rows", "_slopes")

    def __init__(self, calibrations: Sequence[Calibration]) -> None:
        self._rows = [_AxisRow.of(one) for one in calibrations]
        slopes, intercepts = [], []
        for one in calibrations:
            mean, deviation = (0.0, 1.0) if one.load is None else one.load.scales[one.axis]
            slope = one.slope / deviation if deviation > FLAT else 0.0
            slopes.append(slope)
            intercepts.append(one.intercept - slope * mean)
        self._slopes, self._intercepts = np.array(slopes)[:, None], np.array(intercepts)[:, None]

    def probabilities(self, scores: np.ndarray) -> np.ndarray:
        """Calibrate the scores of all models, shape (models, options), as `probability` does for one."""
        values = np.empty(scores.shape)
        with np.errstate(over="ignore"):  # an extreme score is a probability of 0 or 1
            for row, own, line in zip(values, scores, self._rows, strict=True):
                if line.axis == "log_odds":
                    row[:] = clipped_log_odds(own)
                elif line.axis == "log":
                    np.log(np.maximum(own, line.floor), out=row)
                else:
                    row[:] = np.interp(own, line.points, line.levels) if line.axis == "rank" else own
            values *= self._slopes
            values += self._intercepts
            return expit(values)


class _AxisRow(NamedTuple):
    """What a score of one model is turned into before the line, as in `score_axes.axis_values`."""

    axis: Axis
    floor: float
    points: np.ndarray
    levels: np.ndarray

    @classmethod
    def of(cls, calibration: Calibration) -> "_AxisRow":
        load = calibration.load
        if load is None:
            return cls("log_odds", 0.0, np.zeros(0), np.zeros(0))
        return cls(calibration.axis, load.floor, np.array(load.scores), np.array(load.levels))
