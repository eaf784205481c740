"""What the evidence of pairs comes to, before curves and powers: ratios of wins to expected wins, and win rates."""

import numpy as np
from numba import types

from dog.core.kernels.array_types import FLOATS, INTEGERS, array_of
from dog.core.kernels.compiled import compiled
from dog.core.kernels.explore_pairs import PAIR_STRENGTH
from dog.core.records import PAIRS

WINS, PITCHES, EXPECTED, SCORED = range(4)
"""Rows of `evidence_of`."""
PRODUCT_RATIO, EXPECTED_WINS, PAIR_RATIO, RAW_RATE, PRIOR, NEUTRAL, WIN_RATE = range(7)
"""Rows of `weigh_pairs`."""
SCORE_PRIOR = (1e-4, 0.95)
"""Bounds of a score that is a prior."""


@compiled((array_of(PAIRS), types.boolean))
def evidence_of(pairs: np.ndarray, with_parts: bool) -> np.ndarray:
    """Return the evidence that records of `PAIRS` hold, shape (4, pairs); `with_parts` adds pending pitches in part."""
    found = np.empty((4, len(pairs)))
    for place in range(len(pairs)):
        pair = pairs[place]
        found[WINS, place], found[PITCHES, place] = pair["evidence_wins"], pair["evidence_pitches"]
        found[EXPECTED, place], found[SCORED, place] = pair["evidence_expected"], pair["evidence_scored"]
        if with_parts:
            found[PITCHES, place] += pair["part_pitches"]
            found[EXPECTED, place] += pair["part_expected"]
            found[SCORED, place] += pair["part_scored"]
    return found


@compiled()
def expected_wins_of(pitches: float, expected: float, scored: float, unknown: float) -> float:
    """Return the wins that the models expected of one pair, as `dog.core.learning.evidence.Evidence.expected_wins`."""
    return expected * pitches / scored if scored > 0 else pitches * unknown


@compiled((FLOATS, FLOATS, FLOATS, types.float64))
def expected_wins_of_pairs(pitches: np.ndarray, expected: np.ndarray, scored: np.ndarray, unknown: float) -> np.ndarray:
    """Return the wins that the models expected of each pair, shape (pairs,)."""
    found = np.empty(len(pitches))
    for pair in range(len(pitches)):
        found[pair] = expected_wins_of(pitches[pair], expected[pair], scored[pair], unknown)
    return found


@compiled((INTEGERS, *[FLOATS] * 7, *[types.float64] * 4, types.boolean, types.boolean))
def weigh_pairs(
    product: np.ndarray,
    wins: np.ndarray,
    pitches: np.ndarray,
    expected: np.ndarray,
    scored: np.ndarray,
    product_ratios: np.ndarray,
    product_rates: np.ndarray,
    score_ratios: np.ndarray,
    global_rate: float,
    tenant_ratio: float,
    neutral: float,
    strength: float,
    by_score: bool,
    is_raw: bool,
) -> np.ndarray:
    """Return ratios and rates of each pair, shape (7, pairs); the rows are listed above.

    Parameters
    ----------
    product
        Number of each pair's product, shape (pairs,).
    wins, pitches, expected, scored
        Evidence of each pair, shape (pairs,).
    product_ratios, product_rates, score_ratios, global_rate, tenant_ratio
        From the priors; arrays of shape (products,).
    neutral
        Win rate whose multiplier is 1; NaN for that of the pair's product.
    strength
        Pseudo-pitches that a pair's prior is worth.
    by_score
        Whether prior and neutral point come from the pair's mean score instead.
    is_raw
        Whether the win rate is the raw one, NaN without pitches, instead of the shrunk one.

    """
    found = np.empty((7, len(product)))
    for pair in range(len(product)):
        of, tried = product[pair], pitches[pair]
        believed = expected_wins_of(tried, expected[pair], scored[pair], global_rate)
        limited = min(tried, tenant_ratio * product_ratios[of] * believed)
        raw = wins[pair] / tried if tried > 0 else np.nan
        prior, middle = product_rates[of], product_rates[of] if np.isnan(neutral) else neutral
        if by_score:
            mean = expected[pair] / scored[pair] if scored[pair] > 0 else global_rate
            middle = min(max(mean, SCORE_PRIOR[0]), SCORE_PRIOR[1])
            prior = min(max(middle * score_ratios[of], SCORE_PRIOR[0]), SCORE_PRIOR[1])
        found[PRODUCT_RATIO, pair], found[EXPECTED_WINS, pair] = product_ratios[of], limited
        found[PAIR_RATIO, pair] = (PAIR_STRENGTH + wins[pair]) / (PAIR_STRENGTH + limited)
        found[RAW_RATE, pair], found[PRIOR, pair], found[NEUTRAL, pair] = raw, prior, middle
        # a step from the prior: without pitches, the prior itself to the last bit
        shrunk = prior + (wins[pair] - tried * prior) / (strength + tried)
        found[WIN_RATE, pair] = raw if is_raw else shrunk
    return found
