"""Probabilities and odds of one option, for kernels; `dog.core.log_odds` has them for arrays."""

import math

from dog.core.kernels.compiled import compiled
from dog.core.log_odds import CLIP

HIGHEST = 1.0 - CLIP


@compiled()
def clipped(probability: float) -> float:
    """Return a probability within [1e-6, 1 - 1e-6]; NaN stays NaN."""
    if probability < CLIP:
        return CLIP
    return min(probability, HIGHEST)


@compiled()
def log_odds_of(probability: float) -> float:
    """Return the log odds of a clipped probability; NaN stays NaN."""
    known = clipped(probability)
    return math.log(known) - math.log1p(-known)


@compiled()
def probability_of(log_odds: float) -> float:
    """Return the probability of log odds; however far out they are, nothing overflows."""
    small = math.exp(-abs(log_odds))
    return (1.0 if log_odds >= 0 else small) / (1.0 + small)


@compiled()
def odds_multiplier_of(probability: float, factor: float) -> float:
    """Return what multiplies a probability where a factor multiplies its odds; the factor itself for NaN."""
    if math.isnan(probability):
        return factor
    return factor / (1.0 + clipped(probability) * (factor - 1.0))
