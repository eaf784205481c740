"""Explain the scores of options: what each model adds, and the numbers that receipts show."""

import math

import numpy as np
from numba import types

from dog.core.kernels.array_types import FLOAT_TABLE, FLOATS, INTEGERS
from dog.core.kernels.calibrate import LOG_POOL, MEAN, MODELS, RRF, STACKING
from dog.core.kernels.compiled import compiled
from dog.core.kernels.odds import log_odds_of, odds_multiplier_of
from dog.core.kernels.score import BUSINESS, CLAMP, CONSOLIDATED, MARKET, PERFORMANCE, PLAIN, STREAK

NUMBERS = (
    "score",
    "order_score",
    "effective_multiplier",
    "consolidated",
    "performance",
    "streak",
    "market",
    "business",
    "clamp",
)
"""The first columns of what `explain_options` returns."""
OF_MODEL = ("raw", "calibrated", "multiplier", "share")
"""The columns of each model, after those."""
SMALLEST = 1e-9
"""From a smaller difference of probabilities the log odds are taken as a line."""


@compiled()
def _stacked_share(calibrated: float, factor: float, model: np.void) -> float:
    apart = log_odds_of(calibrated) + math.log(factor) - model["mean"]
    return model["coefficient"] * (0.0 if math.isnan(apart) else apart)


@compiled()
def _split_mean(shares: np.ndarray, option: int, base_rate: float, intercept: float) -> None:
    """Turn parts of a probability, of what it differs from the base rate by, into parts of its log odds."""
    whole = 0.0
    for row in range(len(shares)):
        whole += shares[row, option]
    slope = 1 / (base_rate * (1 - base_rate))  # of the log odds at the base rate
    if abs(whole) > SMALLEST:
        slope = (log_odds_of(base_rate + whole) - intercept) / whole
    for row in range(len(shares)):
        shares[row, option] *= slope


@compiled((MODELS, types.int64, types.float64, types.float64, FLOAT_TABLE, FLOAT_TABLE))
def model_shares(
    models: np.ndarray,
    method: int,
    base_rate: float,
    intercept: float,
    calibrated: np.ndarray,
    factors: np.ndarray,
) -> np.ndarray:
    """Return what each model adds to the log odds of the consolidated score, shape (models, options).

    With the intercept they sum to it. A model without a score adds 0. `mean` is not a sum of log odds: there what it
    differs from the base rate by is split as the probabilities are. NaN where the method is `rrf`, whose scores are not
    probabilities. `factors` multiply the odds of the models, or with `mean` their probabilities.
    """
    count, options = calibrated.shape
    shares = np.full((count, options), np.nan)
    for option in range(options if method != RRF else 0):
        total = 0.0
        for row in range(count):
            if not math.isnan(calibrated[row, option]):
                total += models[row]["weight"]
        for row in range(count):
            score, factor = calibrated[row, option], factors[row, option]
            weight = models[row]["weight"] / total if total > 0 else 0.0
            if method == STACKING:
                shares[row, option] = _stacked_share(score, factor, models[row])
            elif math.isnan(score):
                shares[row, option] = 0.0
            elif method == LOG_POOL:
                shares[row, option] = weight * (log_odds_of(score) + math.log(factor) - intercept)
            else:
                shares[row, option] = weight * (score * factor - base_rate)
        if method == MEAN:
            _split_mean(shares, option, base_rate, intercept)
    return shares


@compiled(
    (
        MODELS,
        types.int64,
        types.float64,
        types.float64,
        INTEGERS,
        FLOAT_TABLE,
        FLOAT_TABLE,
        FLOAT_TABLE,
        FLOAT_TABLE,
        FLOATS,
        FLOATS,
    )
)
def explain_options(
    models: np.ndarray,
    method: int,
    base_rate: float,
    intercept: float,
    chosen: np.ndarray,
    raw: np.ndarray,
    calibrated: np.ndarray,
    by_model: np.ndarray,
    factors: np.ndarray,
    scores: np.ndarray,
    order_scores: np.ndarray,
) -> np.ndarray:
    """Return the numbers of some options as receipts show them.

    Parameters
    ----------
    models, method
        The consolidator: its records of `MODEL`, and the number of its method.
    base_rate, intercept
        The tenant's win rate, and the log odds of an option to which no model adds anything.
    chosen
        Positions of the options, shape (chosen,).
    raw, calibrated, by_model
        Scores as loaded and as probabilities, and what multiplies them, shape (models, options).
    factors
        As `score_options` returns them.
    scores, order_scores
        Final scores, and what options are ranked by, shape (options,).

    Returns
    -------
    Columns of `NUMBERS`, then for each model those of `OF_MODEL`, shape (chosen, columns).

    """
    count = len(models)
    table = np.empty((len(chosen), len(NUMBERS) + len(OF_MODEL) * count))
    known, multipliers = np.empty((count, len(chosen))), np.empty((count, len(chosen)))
    shown = (CONSOLIDATED, PERFORMANCE, STREAK, MARKET, BUSINESS, CLAMP)
    for place, option in enumerate(chosen):
        plain = factors[PLAIN, option]
        table[place, 0], table[place, 1] = scores[option], order_scores[option]
        table[place, 2] = scores[option] / plain if plain > 0 else 1.0
        for row in range(len(shown)):
            table[place, 3 + row] = factors[shown[row], option]
        for row in range(count):
            known[row, place], multipliers[row, place] = calibrated[row, option], by_model[row, option]
    shares = model_shares(models, method, base_rate, intercept, known, multipliers)
    for place, option in enumerate(chosen):
        for row in range(count):
            first, factor = len(NUMBERS) + len(OF_MODEL) * row, multipliers[row, place]
            if method in (STACKING, LOG_POOL):
                factor = odds_multiplier_of(known[row, place], factor)
            table[place, first], table[place, first + 1] = raw[row, option], known[row, place]
            table[place, first + 2], table[place, first + 3] = factor, shares[row, place]
    return table
