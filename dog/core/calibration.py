"""Calibration: from a model's score, on any scale, to the probability that a pitch is won."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from dog.core.log_odds import expit, logit

CLIP = 1e-6
SPREAD = 0.8
"""Standard deviation, in log odds, of standardised scores around the base rate."""
FLAT = 1e-12
"""Scores with a smaller deviation count as equal."""
PLATT_MIN_OUTCOMES = 300
PLATT_PENALTY = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """A straight line in log odds: probability = sigmoid(slope * x + intercept).

    Parameters
    ----------
    method
        `standardised` (before 300 resolved outcomes), `platt` (from then on), `identity` (nothing known).
    slope, intercept
        The line.
    in_log_odds
        Whether x is the score's log odds (all scores of the model lie in [0, 1]) or the score itself.

    """

    method: Literal["standardised", "platt", "identity"]
    slope: float
    intercept: float
    in_log_odds: bool

    def to_dict(self) -> dict[str, Any]:
        """Write it as JSON."""
        return asdict(self)


def identity(*, lower_is_better: bool, in_log_odds: bool = True) -> Calibration:
    """Return the calibration that takes a score in [0, 1] as the probability (of a bad outcome, if lower is better)."""
    return Calibration(
        method="identity", slope=-1.0 if lower_is_better else 1.0, intercept=0.0, in_log_odds=in_log_odds
    )


def fit_standard(
    mean: float, deviation: float, base_rate: float, *, lower_is_better: bool, in_log_odds: bool
) -> Calibration:
    """Standardise: sigmoid(logit(base rate) + 0.8 z), z the score's distance from its mean in deviations.

    Parameters
    ----------
    mean, deviation
        Of the model's scores (of their log odds where `in_log_odds`).
    base_rate
        The tenant's win rate, in (0, 1).
    lower_is_better
        Whether a low score is good (churn).
    in_log_odds
        Whether scores are turned into log odds first.

    Returns
    -------
    The calibration; all equal scores give the base rate.

    Examples
    --------
    >>> probability(np.array([0.5]), fit_standard(0.0, 1.0, 0.1, lower_is_better=False, in_log_odds=True))
    array([0.1])

    """
    slope = SPREAD / deviation if deviation > FLAT else 0.0
    slope = -slope if lower_is_better else slope
    return Calibration(
        method="standardised", slope=slope, intercept=float(logit(base_rate)) - slope * mean, in_log_odds=in_log_odds
    )


def enough_for_platt(won: np.ndarray) -> bool:
    """Return whether outcomes suffice for `fit_platt`: 300, some won and some lost."""
    return len(won) >= PLATT_MIN_OUTCOMES and 0 < won.sum() < len(won)


def fit_platt(scores: np.ndarray, won: np.ndarray, *, lower_is_better: bool, in_log_odds: bool) -> Calibration:
    """Fit a logistic regression of outcomes on scores, slope on the right side of 0, ridge on the slope.

    Parameters
    ----------
    scores
        Score at each resolved pitch, shape (pitches,), finite.
    won
        Whether it was won, shape (pitches,).
    lower_is_better
        Whether a low score is good; the slope is then <= 0, else >= 0.
    in_log_odds
        Whether scores are turned into log odds first.

    Returns
    -------
    The calibration.

    References
    ----------
    Platt 1999, "Probabilistic Outputs for Support Vector Machines"; targets smoothed as there (eq. 6.1.2).

    """
    from scipy.optimize import minimize  # noqa: PLC0415  # 0.4 s to import, for the weekly job alone

    x = raw_axis(scores, in_log_odds=in_log_odds)
    mean, deviation = float(x.mean()), float(x.std())
    deviation = deviation if deviation > FLAT else 1.0
    z = (x - mean) / deviation
    positive = int(won.sum())
    target = np.where(won, (positive + 1) / (positive + 2), 1 / (len(won) - positive + 2))

    def loss(line: np.ndarray) -> tuple[float, np.ndarray]:
        eta = line[0] * z + line[1]
        value = np.logaddexp(0, eta).sum() - (target * eta).sum() + PLATT_PENALTY / 2 * line[0] ** 2
        residual = expit(eta) - target
        return float(value), np.array([residual @ z + PLATT_PENALTY * line[0], residual.sum()])

    side = (None, 0.0) if lower_is_better else (0.0, None)
    start = np.array([0.0, logit(np.clip(target.mean(), CLIP, 1 - CLIP))])
    slope, intercept = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[side, (None, None)]).x
    return Calibration(
        method="platt",
        slope=float(slope / deviation),
        intercept=float(intercept - slope * mean / deviation),
        in_log_odds=in_log_odds,
    )


def read_calibration(record: Mapping[str, Any] | None, base_rate: float, *, lower_is_better: bool) -> Calibration:
    """Return a model's calibration from its stored description; the identity where its scores are not described."""
    if record is None or "mean" not in record:
        return identity(lower_is_better=lower_is_better)
    in_log_odds = bool(record["in_log_odds"])
    platt = record.get("platt")
    if isinstance(platt, Mapping):
        return Calibration(
            method="platt", slope=float(platt["slope"]), intercept=float(platt["intercept"]), in_log_odds=in_log_odds
        )
    mean, deviation = float(record["mean"]), float(record["deviation"])
    return fit_standard(mean, deviation, base_rate, lower_is_better=lower_is_better, in_log_odds=in_log_odds)


def raw_axis(scores: np.ndarray, *, in_log_odds: bool) -> np.ndarray:
    """Return the x axis of a calibration: clipped log odds of the scores, or the scores."""
    values = np.asarray(scores, dtype=np.float64)
    return logit(np.minimum(np.maximum(values, CLIP), 1 - CLIP)) if in_log_odds else values


def probabilities(scores: np.ndarray, calibrations: Sequence[Calibration]) -> np.ndarray:
    """Calibrate the scores of several models at once, shape (models, options), as `probability` does for one."""
    slopes = np.array([one.slope for one in calibrations])[:, None]
    intercepts = np.array([one.intercept for one in calibrations])[:, None]
    in_log_odds = [one.in_log_odds for one in calibrations]
    axes = scores
    if any(in_log_odds):
        axes = raw_axis(scores, in_log_odds=True)
        if not all(in_log_odds):
            axes = np.where(np.array(in_log_odds)[:, None], axes, scores)
    return expit(slopes * axes + intercepts)


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
    with np.errstate(over="ignore"):  # an extreme score is a probability of 0 or 1
        eta = calibration.slope * raw_axis(scores, in_log_odds=calibration.in_log_odds) + calibration.intercept
    return np.asarray(expit(eta))
