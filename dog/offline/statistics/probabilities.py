"""Are predicted win rates right as numbers? Brier score, log loss, calibration, residuals."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dog.offline.statistics.discrimination import Floats

LEAST_RATE = 1e-6
"""Predicted rates are not taken nearer to 0 or 1: one surprise must not cost infinitely much."""


def squared_errors(wins: Floats, rates: Floats) -> Floats:
    """Tell each pitch's squared error; the mean is the Brier score.

    References
    ----------
    Brier 1950, "Verification of forecasts expressed in terms of probability".

    Examples
    --------
    >>> squared_errors(np.array([1.0, 0.0]), np.array([0.75, 0.5])).tolist()
    [0.0625, 0.25]

    """
    return np.asarray((wins - rates) ** 2)


def log_losses(wins: Floats, rates: Floats) -> Floats:
    """Tell each pitch's log loss in nats; 0.693 for saying one half.

    Examples
    --------
    >>> log_losses(np.array([1.0, 0.0]), np.array([0.5, 0.0])).round(3).tolist()
    [0.693, 0.0]

    """
    kept = np.clip(rates, LEAST_RATE, 1 - LEAST_RATE)
    return np.asarray(-np.log(np.where(wins > 0, kept, 1 - kept)))


@dataclass(frozen=True, slots=True)
class CalibrationCurve:
    """Predicted against seen win rates, from the lowest predicted; shape (bins,) each.

    Parameters
    ----------
    predicted, seen
        Mean predicted rate and share of wins, in [0, 1].
    pitches
        How many pitches lie in the bin.

    """

    predicted: Floats
    seen: Floats
    pitches: Floats

    @property
    def error(self) -> float:
        """Tell the expected calibration error: mean distance of seen from predicted, weighted by pitches.

        Naeini, Cooper, Hauskrecht 2015, "Obtaining Well Calibrated Probabilities Using Bayesian Binning".
        """
        return float(np.average(np.abs(self.predicted - self.seen), weights=self.pitches))


def rate_bins(rates: Floats, bins: int = 10) -> NDArray[np.int64]:
    """Sort pitches into bins of equal size by predicted rate; equal rates never part, so there may be fewer bins.

    Examples
    --------
    >>> rate_bins(np.array([0.1, 0.1, 0.4, 0.9]), 2).tolist()
    [0, 0, 1, 1]

    """
    edges = np.unique(np.quantile(rates, np.arange(1, bins) / bins))
    return np.searchsorted(edges, rates, side="left").astype(np.int64)


def calibration_curve(
    wins: Floats, rates: Floats, bins: NDArray[np.int64] | None = None, weights: Floats | None = None
) -> CalibrationCurve:
    """Hold predicted against seen win rates, in bins of about equal size.

    Parameters
    ----------
    wins, rates
        1 or 0, and predicted win rates in [0, 1], shape (pitches,).
    bins
        Bin of each pitch; ten by `rate_bins` where not given.
    weights
        How often each pitch counts, same shape.

    Returns
    -------
    The bins that hold a pitch.

    Examples
    --------
    >>> curve = calibration_curve(np.array([0.0, 1.0, 1.0, 1.0]), np.array([0.5, 0.5, 0.75, 0.75]))
    >>> curve.predicted.tolist(), curve.seen.tolist(), curve.error
    ([0.5, 0.75], [0.5, 1.0], 0.125)

    """
    bins = rate_bins(rates) if bins is None else bins
    weights = np.ones(len(wins)) if weights is None else weights
    pitches = np.bincount(bins, weights).astype(np.float64)
    held = pitches > 0
    predicted = np.bincount(bins, weights * rates)[held] / pitches[held]
    seen = np.bincount(bins, weights * wins)[held] / pitches[held]
    return CalibrationCurve(predicted, seen, pitches[held])


@dataclass(frozen=True, slots=True)
class Residuals:
    """Wins less predicted wins.

    Parameters
    ----------
    bias
        Mean of win - rate: above 0 where too little was predicted.
    dispersion
        Mean squared Pearson residual, 1 where wins scatter around the rates as chance has them.
    worst
        Largest absolute mean residual over the bins of the calibration curve.

    """

    bias: float
    dispersion: float
    worst: float


def residuals(wins: Floats, rates: Floats) -> Residuals:
    """Tell how wins differ from what was predicted.

    Examples
    --------
    >>> residuals(np.array([1.0, 0.0]), np.array([0.5, 0.5]))
    Residuals(bias=0.0, dispersion=1.0, worst=0.0)

    """
    kept = np.clip(rates, LEAST_RATE, 1 - LEAST_RATE)
    curve = calibration_curve(wins, rates)
    dispersion = np.mean((wins - kept) ** 2 / (kept * (1 - kept)))
    return Residuals(float(np.mean(wins - rates)), float(dispersion), float(np.abs(curve.seen - curve.predicted).max()))
