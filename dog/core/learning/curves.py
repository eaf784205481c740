"""The reinforcement curve: ARM above the neutral win rate, DRM below it, 1 at it."""

from collections.abc import Callable

import numpy as np

from dog.core.learning.reinforcement_settings import Family, Reinforcement

KAPPA = 2.0
"""Steepness of the logistic family."""

Half = Callable[[np.ndarray, float], np.ndarray]
"""From the distance to the neutral point (0 at it, 1 at the end) and the bound to the multiplier."""


def _linear(distance: np.ndarray, bound: float) -> np.ndarray:
    return 1 + (bound - 1) * distance


def _exponential(distance: np.ndarray, bound: float) -> np.ndarray:
    return np.asarray(bound**distance)


def _logistic(distance: np.ndarray, bound: float) -> np.ndarray:
    return np.asarray(bound ** (np.tanh(KAPPA * distance) / np.tanh(KAPPA)))


HALVES: dict[Family, Half] = {"linear": _linear, "exponential": _exponential, "logistic": _logistic}
"""Every family but `ratio`, which needs the rates themselves."""


def multiplier(win_rate: np.ndarray, neutral: np.ndarray | float, settings: Reinforcement) -> np.ndarray:
    """Return the reinforcement multiplier: ARM where w >= neutral, DRM below.

    With t = (w - w0) / (1 - w0) above the neutral point w0 and u = (w0 - w) / w0 below it:

    ===========  =====================================  =====================================
    family       ARM                                    DRM
    ===========  =====================================  =====================================
    ratio        min(w / w0, a_max)                     max(w / w0, d_min)
    linear       1 + (a_max - 1) t                      1 - (1 - d_min) u
    exponential  a_max^t                                d_min^u
    logistic     a_max^(tanh(2 t) / tanh 2)             d_min^(tanh(2 u) / tanh 2)
    ===========  =====================================  =====================================

    Parameters
    ----------
    win_rate
        Wins per pitch, shape (pairs,), in [0, 1]; NaN where there is no evidence.
    neutral
        Win rate at which the multiplier is 1, in (0, 1), shape (pairs,) or one number.
    settings
        Family and bounds.

    Returns
    -------
    Multiplier, shape (pairs,), in [d_min, a_max]; exactly 1 where the win rate is NaN.

    References
    ----------
    ARM and DRM as functions of #wins / #pitches: Brainwave, August 2020, "Recursive Reinforcement". The
    shapes are ours; `ratio` makes prior times multiplier the Bayes posterior mean while nothing is clipped.

    Examples
    --------
    >>> linear = Reinforcement(family="linear", neutral=0.5, a_max=2.0, d_min=0.5)
    >>> multiplier(np.array([0.9, 0.5, 0.1, np.nan]), 0.5, linear)
    array([1.8, 1. , 0.6, 1. ])

    """
    rate = np.asarray(win_rate, dtype=np.float64)
    middle = np.broadcast_to(np.asarray(neutral, dtype=np.float64), rate.shape)
    known = np.where(np.isnan(rate), middle, rate)
    if settings.family == "ratio":
        return np.clip(known / middle, settings.d_min, settings.a_max)
    half = HALVES[settings.family]
    above = half(np.maximum(known - middle, 0) / (1 - middle), settings.a_max)
    below = half(np.maximum(middle - known, 0) / middle, settings.d_min)
    return np.clip(np.where(known >= middle, above, below), settings.d_min, settings.a_max)
