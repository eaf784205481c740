"""Log odds and back: as in `scipy.special`, whose import takes as long as half of what we serve with."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

CLIP = 1e-6
"""Distance of probabilities from 0 and 1."""


def logit(probability: ArrayLike) -> NDArray[np.float64]:
    """Turn probabilities, in (0, 1), into log odds; NaN stays NaN.

    >>> logit([0.5, 0.75]).round(12).tolist()
    [0.0, 1.098612288668]

    """
    values = np.asarray(probability, dtype=np.float64)
    return np.asarray(np.log(values) - np.log1p(-values))


def clipped_log_odds(probability: ArrayLike) -> NDArray[np.float64]:
    """Turn probabilities into log odds, those beyond [1e-6, 1 - 1e-6] at its limits; NaN stays NaN.

    >>> clipped_log_odds([0.5, 0.0, 1.0]).round(6).tolist()
    [0.0, -13.81551, 13.81551]

    """
    return logit(np.minimum(np.maximum(probability, CLIP), 1.0 - CLIP))


def expit(log_odds: ArrayLike) -> NDArray[np.float64]:
    """Turn log odds into probabilities; however far out they are, nothing overflows.

    >>> expit([0.0, -800.0, 800.0]).tolist()
    [0.5, 0.0, 1.0]

    """
    values = np.asarray(log_odds, dtype=np.float64)
    small = np.exp(-np.abs(values))  # in (0, 1]
    return np.asarray(np.where(values >= 0, 1.0, small) / (1.0 + small))


def multiply_odds(probability: NDArray[np.float64], factor: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """Multiply the odds of probabilities, clipped to [1e-6, 1 - 1e-6], by a factor above 0: p m / (1 - p + p m).

    >>> multiply_odds(np.array([0.2]), 1.382823462509).round(12).tolist()
    [0.256895562736]

    """
    known = np.clip(probability, CLIP, 1.0 - CLIP)
    return known * odds_multiplier(known, factor)


def odds_multiplier(probability: NDArray[np.float64], factor: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """Return what multiplies probabilities p where a factor m multiplies their odds, M = m / (1 - p + p m).

    The factor itself where the probability is NaN, exactly 1 where the factor is.

    >>> odds_multiplier(np.array([0.2, np.nan]), 1.382823462509).round(12).tolist()
    [1.28447781368, 1.382823462509]

    """
    known = np.minimum(np.maximum(probability, CLIP), 1.0 - CLIP)
    return np.where(np.isnan(known), factor, factor / (1.0 + known * (np.asarray(factor) - 1.0)))
