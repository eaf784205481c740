"""Calibrated and consolidated scores of past pitches; each calibration is fitted to what was settled before."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dog.core.calibration import Calibration, enough_for_platt, fit_platt, fit_standard, probability, raw_axis
from dog.core.consolidation import Method, consolidate
from dog.core.learning.win_rates import global_rate
from dog.offline.history.pitches import Pitches
from dog.offline.statistics.discrimination import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelScores:
    """A model's settings in the policy, and its raw scores at each pitch, NaN where it had none, shape (pitches,)."""

    name: str
    weight: float
    lower_is_better: bool
    raw: Floats


def calibrate_forward(model: ModelScores, pitches: Pitches, block_starts_ms: NDArray[np.int64]) -> Floats:
    """Calibrate a model's scores block by block, each by what was settled before the block began.

    `block_starts_ms` are the first instants of the blocks (one or several weeks), ascending; the first is not after the
    first pitch. Returns probabilities in (0, 1), NaN where the model had no score, shape (pitches,).
    """
    found = np.full(len(pitches), np.nan)
    block = np.searchsorted(block_starts_ms, pitches.at_ms, side="right") - 1
    bounds = np.searchsorted(block, np.arange(len(block_starts_ms) + 1)).tolist()
    known = ~np.isnan(model.raw)
    values = model.raw[known]
    in_log_odds = bool(len(values) and values.min() >= 0 and values.max() <= 1)
    for number, start_ms in enumerate(block_starts_ms.tolist()):
        rows = slice(bounds[number], bounds[number + 1])
        if known[rows].any():
            settled = np.flatnonzero(pitches.settled_ms < start_ms)
            offered = np.flatnonzero(known[: bounds[number + 1]])
            found[rows] = probability(model.raw[rows], _fit(model, pitches, settled, offered, in_log_odds=in_log_odds))
    return found


def _fit(
    model: ModelScores, pitches: Pitches, settled: NDArray[np.int64], offered: NDArray[np.int64], *, in_log_odds: bool
) -> Calibration:
    scored = settled[~np.isnan(model.raw[settled])]
    won = pitches.won[scored] > 0
    if enough_for_platt(won):
        return fit_platt(model.raw[scored], won, lower_is_better=model.lower_is_better, in_log_odds=in_log_odds)
    axis = raw_axis(model.raw[offered], in_log_odds=in_log_odds)
    rate = global_rate(float(pitches.won[settled].sum()), len(settled))
    return fit_standard(
        float(axis.mean()), float(axis.std()), rate, lower_is_better=model.lower_is_better, in_log_odds=in_log_odds
    )


def consolidate_forward(
    calibrated: Sequence[Floats], models: Sequence[ModelScores], method: Method, pitch_count: int
) -> Floats:
    """Consolidate calibrated scores as the policy does; NaN where no model has a score, shape (pitches,)."""
    if not models:
        return np.full(pitch_count, np.nan)
    return consolidate(np.stack(calibrated), np.array([model.weight for model in models]), method)
