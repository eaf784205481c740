"""Calibrate and pool the models' scores of one option or all: from raw scores to one score."""

import math

import numpy as np
from numba import types

from dog.core.kernels.array_types import FLOAT_TABLE, INTEGERS, array_of
from dog.core.kernels.compiled import compiled
from dog.core.kernels.odds import log_odds_of, probability_of

LOG_ODDS, LOG, RANK, IDENTITY = range(4)
"""The axes of `dog.core.score_axes`, by number."""
STACKING, MEAN, LOG_POOL, RRF = range(4)
"""The methods of `dog.core.consolidation`, by number."""
RRF_K = 60

MODEL = np.dtype(
    [
        ("axis", "i8"),
        ("floor", "f8"),  # of the axis `LOG`: smaller scores count as this one
        ("slope", "f8"),  # of the line from the axis to log odds
        ("intercept", "f8"),
        ("first", "i8"),  # of the axis `RANK`: where its points begin, and their end
        ("end", "i8"),
        ("weight", "f8"),  # the stated one
        ("coefficient", "f8"),  # of the stacking, as the next two
        ("mean", "f8"),
        ("is_used", "i8"),
    ],
    align=True,
)
"""A constituent model: its calibration and its part in the pool."""
MODELS = array_of(MODEL)
POINTS = FLOAT_TABLE


@compiled()
def _on_curve(score: float, points: np.ndarray, first: int, end: int) -> float:
    """Interpolate as `np.interp`: one point gives all scores its level. `points` holds scores and levels."""
    if end - first > 1 and math.isnan(score):
        return score
    if not score > points[0, first]:
        return points[1, first]
    if score >= points[0, end - 1]:
        return points[1, end - 1]
    low, high = first, end - 1  # the score lies between the two
    while high - low > 1:
        middle = (low + high) // 2
        if points[0, middle] <= score:
            low = middle
        else:
            high = middle
    if points[0, low] == score:
        return points[1, low]
    slope = (points[1, low + 1] - points[1, low]) / (points[0, low + 1] - points[0, low])
    return slope * (score - points[0, low]) + points[1, low]


@compiled()
def stacked(calibrated: np.ndarray, factors: np.ndarray, option: int, models: np.ndarray, intercept: float) -> float:
    """Return sigmoid(intercept + sum of coefficient x (log odds - mean)); a model without a score adds 0.

    `calibrated` holds the models' probabilities, `factors` what multiplies their odds, shape (models, options) each.
    NaN where no model with a weight has a score.
    """
    total, is_known = 0.0, False
    for row in range(len(models)):
        if not math.isnan(calibrated[row, option]):
            odds = log_odds_of(calibrated[row, option])
            if factors[row, option] != 1.0:
                odds += math.log(factors[row, option])
            total += models[row]["coefficient"] * (odds - models[row]["mean"])
            is_known = is_known or models[row]["is_used"] != 0
    return probability_of(total + intercept) if is_known else np.nan


@compiled()
def _write_totals(models: np.ndarray, scores: np.ndarray, totals: np.ndarray, found: np.ndarray) -> None:
    """Write the weight of the models that have a score of each option, and 0 to `found`; NaN where there is none."""
    totals[:] = 0.0
    for row in range(len(models)):
        weight, own = models[row]["weight"], scores[row]
        for option in range(len(found)):  # without branches: several options at once
            totals[option] += 0.0 if math.isnan(own[option]) else weight
    for option in range(len(found)):
        totals[option] = totals[option] if totals[option] > 0 else np.nan
        found[option] = 0.0 if totals[option] > 0 else np.nan


@compiled()
def _write_means(models: np.ndarray, method: int, scores: np.ndarray, ranks: np.ndarray, found: np.ndarray) -> None:
    """Write the mean of scores, or that of their log odds as a probability, or their reciprocal ranks, by weight.

    `scores` and `ranks` have shape (models, options). A model without a score has no share; NaN where none with a
    weight has one.
    """
    totals = np.empty(len(found))
    _write_totals(models, scores, totals, found)
    for row in range(len(models)):
        weight, own = models[row]["weight"], scores[row]
        if method == MEAN:
            for option in range(len(found)):
                found[option] += 0.0 if math.isnan(own[option]) else weight / totals[option] * own[option]
        else:
            for option in range(len(found)):
                if not math.isnan(own[option]):
                    share = weight / totals[option]
                    if method == LOG_POOL:
                        found[option] += share * log_odds_of(own[option])
                    else:
                        found[option] += share * (RRF_K + 1) / (RRF_K + ranks[row, option])
    if method == LOG_POOL:
        for option in range(len(found)):
            found[option] = probability_of(found[option])


@compiled()
def write_ranks(scores: np.ndarray, ranks: np.ndarray) -> None:
    """Write the ranks of scores, 1 for the highest; equal ones share the better rank; that of NaN stays as it is."""
    ordered = np.sort(-scores)
    for option in range(len(scores)):
        if not math.isnan(scores[option]):
            low, high = 0, len(ordered)
            while low < high:
                middle = (low + high) // 2
                if ordered[middle] < -scores[option]:
                    low = middle + 1
                else:
                    high = middle
            ranks[option] = 1 + low


@compiled()
def write_calibrated(models: np.ndarray, points: np.ndarray, raw: np.ndarray, calibrated: np.ndarray) -> None:
    """Write what `calibrate_scores` returns."""
    for row in range(len(raw)):
        model, scores, found = models[row], raw[row], calibrated[row]
        last, probability, is_first = np.nan, np.nan, True
        for option in range(len(scores)):
            score = scores[option]
            # a score of the contact as a whole is that of all of its options, and what a model has not scored is NaN
            if is_first or not (score == last or (math.isnan(score) and math.isnan(last))):
                last, place, is_first = score, score, False
                if model["axis"] == LOG_ODDS:
                    place = log_odds_of(score)
                elif model["axis"] == LOG:
                    place = math.log(max(score, model["floor"]))
                elif model["axis"] == RANK:
                    place = _on_curve(score, points, model["first"], model["end"])
                probability = probability_of(place * model["slope"] + model["intercept"])
            found[option] = probability


@compiled((MODELS, POINTS, FLOAT_TABLE))
def calibrate_scores(models: np.ndarray, points: np.ndarray, raw: np.ndarray) -> np.ndarray:
    """Return the probability that each model sees in its scores, shape (models, options); NaN stays NaN."""
    calibrated = np.empty(raw.shape)
    write_calibrated(models, points, raw, calibrated)
    return calibrated


@compiled()
def write_pooled(
    models: np.ndarray,
    method: int,
    intercept: float,
    starts: np.ndarray,
    scores: np.ndarray,
    factors: np.ndarray,
    found: np.ndarray,
) -> None:
    """Write what `pool_scores` returns."""
    options = len(found)
    ranks = np.zeros((len(scores), options if method == RRF else 0), np.int64)
    for contact in range(len(starts) - 1 if method == RRF else 0):
        begin, end = starts[contact], starts[contact + 1]
        for row in range(len(scores)):
            write_ranks(scores[row, begin:end], ranks[row, begin:end])
    if method == STACKING:
        for option in range(options):
            found[option] = stacked(scores, factors, option, models, intercept)
    else:
        _write_means(models, method, scores, ranks, found)


@compiled((MODELS, types.int64, types.float64, INTEGERS, FLOAT_TABLE, FLOAT_TABLE))
def pool_scores(
    models: np.ndarray, method: int, intercept: float, starts: np.ndarray, scores: np.ndarray, factors: np.ndarray
) -> np.ndarray:
    """Pool the models' scores of each option, shape (models, options), into one, shape (options,).

    `starts` says where each contact's options begin, and the end of the last: ranks are those among a contact's
    options. `factors`, shape (models, options), multiply the odds of scores that are stacked; other methods do not read
    them.
    """
    found = np.empty(scores.shape[1])
    write_pooled(models, method, intercept, starts, scores, factors, found)
    return found
