"""Streaks: runs of accepts or discards act at once, and fade."""

import numpy as np

from dog.core.kernels.run_multipliers import streak_multipliers
from dog.core.learning.reinforcement_settings import Streak


def streak_multiplier(
    run: np.ndarray, days_since: np.ndarray, free_run: int, half_life_days: float, settings: Streak
) -> np.ndarray:
    """Turn runs into multipliers, exp(L (1 - 2^(-max(|r| - r0, 0) / 2)) 2^(-days / H)).

    L is ln(accept) for a run of accepts and ln(discard) for one of discards.

    Parameters
    ----------
    run
        Length of the run, positive for accepts, negative for discards, shape (runs,).
    days_since
        Days since its last event, at least 0, shape (runs,).
    free_run
        r0, events that do not act yet.
    half_life_days
        H, days after which half of the effect is gone.
    settings
        Multipliers that endless runs tend to.

    Returns
    -------
    Multiplier, shape (runs,), between `discard` and `accept`.

    Examples
    --------
    >>> streak_multiplier(np.array([-2, -3, -4]), np.zeros(3), 2, 28.0, Streak()).round(12)
    array([1. , 0.81626346, 0.70710678])

    """
    runs, days = np.ascontiguousarray(run, np.int64), np.ascontiguousarray(days_since, np.float64)
    return streak_multipliers(runs, days, free_run, half_life_days, settings.accept, settings.discard)
