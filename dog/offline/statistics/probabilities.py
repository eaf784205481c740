"""Whether predicted win rates are right as numbers: Brier score, log loss, calibration, residuals."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dog.core.kernels.draw_figures import draw_sums
from dog.offline.statistics.discrimination import Floats

MIN_RATE = 1e-6
"""Predicted rates are clipped this far from 0 and 1: one surprise must not cost infinitely much."""


def squared_errors(wins: Floats, rates: Floats) -> Floats:
    """Return each pitch's squared error; the mean is the Brier score.

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
    """Return each pitch's log loss in nats; 0.693 for a prediction of one half.

    Examples
    --------
    >>> log_losses(np.array([1.0, 0.0]), np.array([0.5, 0.0])).round(3).tolist()
    [0.693, 0.0]

    """
    kept = np.clip(rates, MIN_RATE, 1 - MIN_RATE)
    return np.asarray(-np.log(np.where(wins > 0, kept, 1 - kept)))


@dataclass(frozen=True, slots=True)
class CalibrationCurve:
    """Mean predicted rate, share of wins and number of pitches by bin, lowest predicted first; shape (bins,) each."""

    predicted: Floats
    seen: Floats
    pitches: Floats

    @property
    def error(self) -> float:
        """The expected calibration error: mean distance of seen from predicted, weighted by pitches.

        Naeini, Cooper, Hauskrecht 2015, "Obtaining Well Calibrated Probabilities Using Bayesian Binning".
        """
        return float(np.average(np.abs(self.predicted - self.seen), weights=self.pitches))


def rate_bins(rates: Floats, bins: int = 10) -> NDArray[np.int64]:
    """Sort pitches into bins of equal size by predicted rate; equal rates share a bin, so there may be fewer.

    Examples
    --------
    >>> rate_bins(np.array([0.1, 0.1, 0.4, 0.9]), 2).tolist()
    [0, 0, 1, 1]

    """
    edges = np.unique(np.quantile(rates, np.arange(1, bins) / bins))
    return np.searchsorted(edges, rates, side="left").astype(np.int64)


def calibration_curve(wins: Floats, rates: Floats, bins: NDArray[np.int64] | None = None) -> CalibrationCurve:
    """Compare predicted with observed win rates in bins of about equal size; empty bins are left out.

    `bins` is the bin of each pitch, by default ten by `rate_bins`.

    Examples
    --------
    >>> curve = calibration_curve(np.array([0.0, 1.0, 1.0, 1.0]), np.array([0.5, 0.5, 0.75, 0.75]))
    >>> curve.predicted.tolist(), curve.seen.tolist(), curve.error
    ([0.5, 0.75], [0.5, 1.0], 0.125)

    """
    bins = rate_bins(rates) if bins is None else bins
    pitches = np.bincount(bins).astype(np.float64)
    held = pitches > 0
    predicted = np.bincount(bins, rates)[held] / pitches[held]
    seen = np.bincount(bins, wins)[held] / pitches[held]
    return CalibrationCurve(predicted, seen, pitches[held])


def draw_calibration_errors(
    wins: Floats, rates: Floats, bins: NDArray[np.int64], position: NDArray[np.int32], times: NDArray[np.uint8]
) -> Floats:
    """Return the error of the calibration curve in each sample, shape (samples,); `bins` stay as they are.

    `position` and `times` are those of `intervals.Drawn`.
    """
    count = int(bins.max(initial=0)) + 1
    key = position * np.int64(count) + bins  # rows of one cluster and bin are summed first
    of_key = np.stack([np.bincount(key), np.bincount(key, rates - wins)], axis=1)
    held = np.flatnonzero(of_key[:, 0])
    sums = np.zeros((count, 2, times.shape[1]))
    draw_sums((held // count).astype(np.int32), (held % count).astype(np.int32), of_key[held], times, sums)
    return np.asarray(np.abs(sums[:, 1]).sum(axis=0) / sums[:, 0].sum(axis=0))


@dataclass(frozen=True, slots=True)
class Residuals:
    """Wins less predicted wins.

    `bias` is the mean of win - rate: above 0 where too little was predicted. `dispersion` is the mean squared Pearson
    residual, 1 where wins scatter around the rates as by chance. `worst` is the largest absolute mean residual over
    the bins of the calibration curve.
    """

    bias: float
    dispersion: float
    worst: float


def residuals(wins: Floats, rates: Floats) -> Residuals:
    """Measure how wins differ from the predicted rates.

    Examples
    --------
    >>> residuals(np.array([1.0, 0.0]), np.array([0.5, 0.5]))
    Residuals(bias=0.0, dispersion=1.0, worst=0.0)

    """
    kept = np.clip(rates, MIN_RATE, 1 - MIN_RATE)
    curve = calibration_curve(wins, rates)
    dispersion = np.mean((wins - kept) ** 2 / (kept * (1 - kept)))
    return Residuals(float(np.mean(wins - rates)), float(dispersion), float(np.abs(curve.seen - curve.predicted).max()))
