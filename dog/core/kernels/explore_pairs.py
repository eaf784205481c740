"""What doubt about pairs adds to the odds that options are ordered by."""

import math

import numpy as np
from numba import types

from dog.core.kernels.array_types import FLOATS
from dog.core.kernels.compiled import compiled

PAIR_STRENGTH = 2.0
"""Wins as expected that the prior of a pair is worth."""


@compiled()
def _raised(base: float, exponent: float) -> float:
    """Return a power to the bit as numpy returns that of an array to a number."""
    if exponent == 0.5:
        return math.sqrt(base)
    return base * base if exponent == 2.0 else base**exponent


@compiled()
def exploration_odds_of(
    pitches: float, expected: float, pair_ratio: float, pair_trust: float, deviations: float
) -> float:
    """Return the factor on the odds of one pair; `dog.core.learning.expected_wins.exploration_odds` has the formula."""
    likely = min(pitches, expected * _raised(pair_ratio, pair_trust))
    share = likely / pitches if pitches > 0 else 0.0
    return math.exp(deviations * pair_trust / math.sqrt(PAIR_STRENGTH + likely * (1.0 - share)))


@compiled((FLOATS, FLOATS, FLOATS, types.float64, types.float64))
def exploration_odds_of_pairs(
    pitches: np.ndarray, expected: np.ndarray, pair_ratios: np.ndarray, pair_trust: float, deviations: float
) -> np.ndarray:
    """Return the factor on the odds of each pair, shape (pairs,)."""
    found = np.empty(len(pitches))
    for pair in range(len(pitches)):
        found[pair] = exploration_odds_of(pitches[pair], expected[pair], pair_ratios[pair], pair_trust, deviations)
    return found
