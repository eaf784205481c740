"""Streaks: runs of accepts or discards act at once, and fade."""

import numpy as np

from dog.core.learning.reinforcement_settings import Streak

RUN_HALVING = 2.0
"""Events beyond the free run after which half of the full effect (in logarithms) is reached."""


def signed_runs(groups: np.ndarray, signs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find the run of like signs that ends each group.

    Parameters
    ----------
    groups
        Group of each event, 0 .. groups-1 with none missing, shape (events,), events in time order.
    signs
        +1 for an accept, -1 for a discard, shape (events,).

    Returns
    -------
    Run of each group with its sign, and the place of each group's last event, both of shape (groups,).

    Examples
    --------
    >>> signed_runs(np.array([0, 0, 1, 0]), np.array([1, -1, 1, -1]))
    (array([-2,  1]), array([3, 2]))

    """
    order = np.argsort(groups, kind="stable")
    group, sign = groups[order], signs[order].astype(np.int64)
    if not len(group):
        return sign, order
    last = np.append(np.flatnonzero(np.diff(group)), len(group) - 1)
    breaks = np.ones(len(group), bool)
    breaks[1:] = (np.diff(group) != 0) | (np.diff(sign) != 0)
    run_start = np.maximum.accumulate(np.where(breaks, np.arange(len(group)), 0))
    return (last - run_start[last] + 1) * sign[last], order[last]


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
    limit = np.where(run > 0, np.log(settings.accept), np.log(settings.discard))
    reached = 1 - 2.0 ** (-np.maximum(np.abs(run) - free_run, 0) / RUN_HALVING)
    return np.asarray(np.exp(limit * reached * 2.0 ** (-days_since / half_life_days)))
