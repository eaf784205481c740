"""Score options: calibrate, multiply single models, pool, multiply; all factors of every option before the rules."""

import math
from typing import NamedTuple

import numpy as np

from dog.core.kernels.array_types import FLOAT_TABLE, INTEGERS, array_of
from dog.core.kernels.calibrate import LOG_POOL, MODELS, POINTS, STACKING, calibrate_scores, pool_scores
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
"""The rows of `ScoredOptions.factors`."""
OF_PERFORMANCE, OF_STREAK, OF_MARKET, OF_BUSINESS, OF_ORDER = range(5)
"""The rows of `multipliers`."""


class ScoredOptions(NamedTuple):
    """The factors of every option before the rules; `SCORE` and `ORDER` are NaN where no model has a score."""

    calibrated: np.ndarray  # shape (models, options), as the next
    by_model: np.ndarray  # multipliers of single models; factors on odds where the pool multiplies odds
    factors: np.ndarray  # shape (9, options)


@compiled()
def _has_factors_by_model(pool: np.void, rationales: np.ndarray) -> bool:
    return pool["performance"] >= 0 or pool["market"] >= 0 or pool["business"] >= 0 or rationales.shape[1] > 0


@compiled()
def _effective(pool: np.void, score: float, factor: float) -> float:
    """Return the multiplier of a score by which its odds are multiplied by a factor, where the policy says so."""
    return odds_multiplier_of(score, factor) if pool["on_odds"] else factor


@compiled()
def _by_model(
    option: int,
    contact: int,
    rationales: np.ndarray,
    multipliers: np.ndarray,
    calibrated: np.ndarray,
    pool: np.void,
    by_model: np.ndarray,
    moved: np.ndarray,
) -> None:
    """Write what multiplies each model's score of an option, and the scores that are pooled."""
    for row in range(len(calibrated)):
        factor = rationales[row, contact] if rationales.shape[1] else 1.0
        if pool["performance"] == row:
            factor *= multipliers[OF_PERFORMANCE, option]
        if pool["market"] == row:
            factor *= multipliers[OF_MARKET, option]
        if pool["business"] == row:
            factor *= multipliers[OF_BUSINESS, option]
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
def _multiply(option: int, consolidated: float, multipliers: np.ndarray, pool: np.void, factors: np.ndarray) -> None:
    """Write the factors of an option that its consolidated score is multiplied by, and their products."""
    performance = 1.0 if pool["performance"] >= 0 else multipliers[OF_PERFORMANCE, option]
    market = 1.0 if pool["market"] >= 0 else multipliers[OF_MARKET, option]
    business = 1.0 if pool["business"] >= 0 else multipliers[OF_BUSINESS, option]
    streak = multipliers[OF_STREAK, option]
    performance = _effective(pool, consolidated, performance)
    together = performance * streak
    clamp = min(max(together, pool["lowest"]), pool["highest"]) / together
    score = consolidated * performance * streak * market * business * clamp
    factors[ORDER, option] = score * _effective(pool, score, multipliers[OF_ORDER, option])
    if pool["on_odds"] and score > HIGHEST:
        limit = HIGHEST / max(score, CLIP)
        clamp, score = clamp * limit, score * limit
    factors[CONSOLIDATED, option], factors[PERFORMANCE, option] = consolidated, performance
    factors[STREAK, option], factors[MARKET, option] = streak, market
    factors[BUSINESS, option], factors[CLAMP, option] = business, clamp
    factors[SCORE, option] = score


@compiled(
    (
        MODELS,
        POINTS,
        POOLS,
        INTEGERS,
        FLOAT_TABLE,
        FLOAT_TABLE,
        FLOAT_TABLE,
    )
)
def score_options(
    models: np.ndarray,
    points: np.ndarray,
    pools: np.ndarray,
    starts: np.ndarray,
    raw: np.ndarray,
    rationales: np.ndarray,
    multipliers: np.ndarray,
) -> ScoredOptions:
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
        Multiplier of each model's scores by contact, shape (models, contacts), or (models, 0) where all are 1.
    multipliers
        Of each option what performance, streak, market, business and the order are multiplied by, shape (5, options);
        of performance and order factors on odds where the policy says so.

    """
    pool, (count, options) = pools[0], raw.shape
    by_model, factors = np.ones((count, options)), np.empty((9, options))
    calibrated = calibrate_scores(models, points, raw)
    factors[PLAIN] = pool_scores(models, pool["method"], pool["intercept"], starts, calibrated, by_model)
    factors[CONSOLIDATED] = factors[PLAIN]
    if _has_factors_by_model(pool, rationales):
        moved = np.empty((count, options))
        for contact in range(len(starts) - 1):
            for option in range(starts[contact], starts[contact + 1]):
                _by_model(option, contact, rationales, multipliers, calibrated, pool, by_model, moved)
        factors[CONSOLIDATED] = pool_scores(models, pool["method"], pool["intercept"], starts, moved, by_model)
    for option in range(options):
        _multiply(option, factors[CONSOLIDATED, option], multipliers, pool, factors)
    return ScoredOptions(calibrated, by_model, factors)
