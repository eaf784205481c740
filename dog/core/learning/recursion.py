"""The recursion: after every `laps` laps, (1-w)^n damps the evidence, the gain or the multiplier itself."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from dog.core.learning.curves import multiplier
from dog.core.learning.reinforcement_settings import Recursion, Reinforcement

LEAST = 1e-6
"""Floor of a damped multiplier: no step of limited ratio leads away from 0."""


def recursions_due(laps: np.ndarray, laps_between: int) -> np.ndarray:
    """Return the recursions due after a contact's L laps, floor(max(0, L - 1) / laps_between).

    Examples
    --------
    >>> recursions_due(np.array([0, 499, 500, 501, 1000, 1001, 2501]), 500)
    array([0, 0, 0, 1, 1, 2, 5])

    """
    return np.maximum(0, np.asarray(laps, dtype=np.int64) - 1) // laps_between


def tenant_recursion_due(laps_before: int, laps_now: int, laps_between: int) -> bool:
    """Return whether the laps of all contacts together reach a recursion: one at most, however many they are.

    Examples
    --------
    >>> [tenant_recursion_due(before, now, 500) for before, now in ((0, 500), (0, 501), (501, 1000), (501, 5000))]
    [False, True, False, True]

    """
    before, now = recursions_due(np.array([laps_before, laps_now]), laps_between).tolist()
    return bool(now > before)


def damping(win_rate: np.ndarray, n: float) -> np.ndarray:
    """Return the factor of one recursion, (1 - w)^n; 1 where the win rate is NaN.

    Examples
    --------
    >>> damping(np.array([0.9, np.nan]), 1.0).round(12)
    array([0.1, 1. ])

    """
    return np.asarray((1 - np.nan_to_num(np.clip(win_rate, 0, 1), nan=0.0)) ** n)


def damped_multiplier(
    win_rate: np.ndarray, neutral: np.ndarray | float, recursions: np.ndarray | int, settings: Reinforcement
) -> np.ndarray:
    """Return the multiplier after k recursions.

    With M the undamped curve and f = (1 - w)^(n k): `literal` gives M f, `gain` gives 1 + (M - 1) f, and
    `evidence` leaves the curve alone (it damps the wins and pitches that w is made from, `evidence.damp`).

    Parameters
    ----------
    win_rate
        Wins per pitch, shape (pairs,), in [0, 1]; NaN where there is no evidence.
    neutral
        Win rate at which the undamped multiplier is 1, in (0, 1), shape (pairs,) or one number.
    recursions
        Recursions applied so far, k >= 0, shape (pairs,) or one number.
    settings
        Curve, reading and n.

    Returns
    -------
    Multiplier, shape (pairs,); with `literal` it may leave [d_min, a_max] downwards, as far as 1e-6.

    References
    ----------
    Brainwave, August 2020, "Recursive Reinforcement": after > 500 laps the value on the curve is multiplied
    by the nth power of the win rate's complement.

    Examples
    --------
    >>> from dog.core.learning.reinforcement_settings import Recursion
    >>> published = Reinforcement(
    ...     family="linear", neutral=0.5, a_max=2.0, d_min=0.5, recursion=Recursion("literal", 1.0)
    ... )
    >>> damped_multiplier(np.array([0.9]), 0.5, 1, published).round(12)
    array([0.18])

    """
    return damp_multiplier(multiplier(win_rate, neutral, settings), win_rate, recursions, settings.recursion)


def damp_multiplier(
    value: np.ndarray, win_rate: np.ndarray, recursions: np.ndarray | int, recursion: Recursion
) -> np.ndarray:
    """Return undamped multipliers, shape (pairs,), after k recursions (`damped_multiplier`)."""
    if recursion.reading == "evidence" or (recursion.reading == "literal" and not np.any(recursions)):
        return value
    factor = damping(np.asarray(win_rate, dtype=np.float64), recursion.n) ** np.asarray(recursions)
    if recursion.reading == "gain":
        return np.asarray(1 + (value - 1) * factor)
    return np.asarray(np.maximum(value * factor, np.minimum(value, LEAST)))


@dataclass(frozen=True, slots=True)
class Break:
    """Where a damped curve fails: a better win rate has a smaller multiplier, or ARM < 1, or DRM > 1."""

    code: Literal["order_broken", "bounds_broken"]
    win_rate: float
    recursions: int


def find_breaks(neutral: float, recursions: int, settings: Reinforcement, points: int = 1001) -> list[Break]:
    """Find the lowest win rate at which the damped curve breaks order or bounds.

    Parameters
    ----------
    neutral
        Win rate at which the undamped multiplier is 1, in (0, 1).
    recursions
        Recursions applied, k >= 0.
    settings
        Curve, reading and n.
    points
        Win rates looked at, evenly spaced over [0, 1].

    Returns
    -------
    At most one break of each code.

    """
    rates = np.union1d(np.linspace(0, 1, points), [neutral])
    values = damped_multiplier(rates, neutral, recursions, settings)
    falls = np.flatnonzero(np.diff(values) < -1e-12)
    leaves = np.flatnonzero(np.where(rates >= neutral, values < 1 - 1e-12, values > 1 + 1e-12))
    found = []
    if len(falls):
        found.append(Break("order_broken", float(rates[falls[0] + 1]), recursions))
    if len(leaves):
        found.append(Break("bounds_broken", float(rates[leaves[0]]), recursions))
    return found
