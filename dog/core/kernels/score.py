"""Score options: calibrate, multiply single models, pool, multiply; all factors of every option before the rules."""

import math

import numpy as np
from numba import float64

from dog.core.kernels.array_types import FLOAT_TABLE, FLOATS, INTEGERS, array_of
from dog.core.kernels.calibrate import LOG_POOL, MODELS, POINTS, STACKING, write_calibrated, write_pooled
from dog.core.kernels.compiled import compiled
from dog.core.kernels.odds import HIGHEST, log_odds_of, odds_multiplier_of, probability_of
from dog.core.log_odds import CLIP

POOL = np.dtype(
    [
        ("method", "i8"),
        ("intercept", "f8"),  # of the stacking
        ("on_odds", "i8"),  # whether multipliers of the pooled score are factors on its odds
        ("lowest", "f8"),  # bounds of performance x streak
        ("highest", "f8"),
        ("performance", "i8"),  # the model that each trigger's multiplier is applied to, -1 for the pooled score
        ("market", "i8"),
        ("business", "i8"),
    ],
    align=True,
)
"""How a policy makes one score of those of its models."""
POOLS = array_of(POOL)

PLAIN, CONSOLIDATED, PERFORMANCE, STREAK, MARKET, BUSINESS, CLAMP, SCORE, ORDER = range(9)
"""The rows of factors."""
FACTORS = 9


@compiled()
def _effective(pool: np.void, score: float, factor: float) -> float:
    """Return the multiplier of a score by which its odds are multiplied by a factor, where the policy says so."""
    return odds_multiplier_of(score, factor) if pool["on_odds"] else factor


@compiled()
def _write_by_model(
    pool: np.void,
    starts: np.ndarray,
    rationales: np.ndarray,
    performance: np.ndarray,
    market: np.ndarray,
    business: np.ndarray,
    calibrated: np.ndarray,
    by_model: np.ndarray,
    moved: np.ndarray,
) -> None:
    """Write what multiplies each model's scores, and the scores that are pooled."""
    for row in range(len(calibrated)):
        for contact in range(len(starts) - 1):
            of_contact = rationales[row, contact] if rationales.shape[1] else 1.0
            for option in range(starts[contact], starts[contact + 1]):
                factor = of_contact
                if pool["performance"] == row:
                    factor *= performance[option]
                if pool["market"] == row:
                    factor *= market[option]
                if pool["business"] == row:
                    factor *= business[option]
                probability = calibrated[row, option]
                if pool["method"] not in (STACKING, LOG_POOL):
                    factor = _effective(pool, probability, factor)
                by_model[row, option] = factor
                moved[row, option] = probability  # whose odds the stacking multiplies
                if pool["method"] == LOG_POOL:
                    moved[row, option] = probability_of(log_odds_of(probability) + math.log(factor))
                elif pool["method"] != STACKING:
                    moved[row, option] = probability * factor


@compiled()
def _write_scores(
    pool: np.void,
    performance: np.ndarray,
    streak: np.ndarray,
    market: np.ndarray,
    business: np.ndarray,
    order_odds: np.ndarray,
    factors: np.ndarray,
) -> None:
    """Write the factors that consolidated scores are multiplied by, and their products."""
    for option in range(factors.shape[1]):
        consolidated = factors[CONSOLIDATED, option]
        of_performance = 1.0 if pool["performance"] >= 0 else performance[option]
        of_market = 1.0 if pool["market"] >= 0 else market[option]
        of_business = 1.0 if pool["business"] >= 0 else business[option]
        of_performance = _effective(pool, consolidated, of_performance)
        together = of_performance * streak[option]
        clamp = min(max(together, pool["lowest"]), pool["highest"]) / together
        score = consolidated * of_performance * streak[option] * of_market * of_business * clamp
        of_order = order_odds[option] if len(order_odds) else 1.0
        factors[ORDER, option] = score * _effective(pool, score, of_order)
        if pool["on_odds"] and score > HIGHEST:
            limit = HIGHEST / max(score, CLIP)
            clamp, score = clamp * limit, score * limit
        factors[PERFORMANCE, option], factors[STREAK, option] = of_performance, streak[option]
        factors[MARKET, option], factors[BUSINESS, option] = of_market, of_business
        factors[CLAMP, option], factors[SCORE, option] = clamp, score


@compiled(
    (
        MODELS,
        POINTS,
        POOLS,
        INTEGERS,
        FLOAT_TABLE,
        FLOAT_TABLE,
        FLOATS,
        FLOATS,
        FLOATS,
        FLOATS,
        FLOATS,
        float64[:, ::1],
    )
)
def score_options(
    models: np.ndarray,
    points: np.ndarray,
    pools: np.ndarray,
    starts: np.ndarray,
    raw: np.ndarray,
    rationales: np.ndarray,
    performance: np.ndarray,
    streak: np.ndarray,
    market: np.ndarray,
    business: np.ndarray,
    order_odds: np.ndarray,
    found: np.ndarray,
) -> None:
    """Score the options of one or more contacts.

    Parameters
    ----------
    models, points, pools
        The policy: records of `MODEL`, the points of ranks, shape (2, points), and one record of `POOL`.
    starts
        Where each contact's options begin, and the end of the last, shape (contacts + 1,).
    raw
        The models' scores as loaded, NaN where a model has none, shape (models, options).
    rationales
        Multiplier of each model's scores by contact, shape (models, contacts), or (any, 0) where all are 1.
    performance, streak, market, business
        Multipliers of each option, shape (options,); of performance factors on odds where the policy says so.
    order_odds
        Factors on the odds that options are ordered by, shape (options,), or (0,) where all are 1.
    found
        Is written, shape (2 x models + 9, options): the calibrated scores, the multipliers of single models (factors on
        odds where the pool multiplies odds), and the factors of every option before the rules, of which `SCORE` and
        `ORDER` are NaN where no model has a score. A result that is returned takes four times as long to hand over.

    """
    pool, count = pools[0], len(models)
    calibrated, by_model, factors = found[:count], found[count : 2 * count], found[2 * count :]
    write_calibrated(models, points, raw, calibrated)
    by_model[:] = 1.0
    write_pooled(models, pool["method"], pool["intercept"], starts, calibrated, by_model, factors[PLAIN])
    if pool["performance"] >= 0 or pool["market"] >= 0 or pool["business"] >= 0 or rationales.shape[1]:
        moved = np.empty(raw.shape)
        _write_by_model(pool, starts, rationales, performance, market, business, calibrated, by_model, moved)
        write_pooled(models, pool["method"], pool["intercept"], starts, moved, by_model, factors[CONSOLIDATED])
    else:
        factors[CONSOLIDATED] = factors[PLAIN]
    _write_scores(pool, performance, streak, market, business, order_odds, factors)
