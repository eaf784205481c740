"""Exploration: few pitches raise the win rate at which the curve is read."""

import numpy as np


def deviation(win_rate: np.ndarray, pitches: np.ndarray, strength: float) -> np.ndarray:
    """Return the standard deviation of the win rate's beta posterior, sqrt(w (1 - w) / (s + N + 1)).

    Parameters
    ----------
    win_rate
        Shrunk win rate, in [0, 1], shape (pairs,).
    pitches
        Resolved pitches it rests on, shape (pairs,).
    strength
        Pseudo-pitches of its prior.

    Returns
    -------
    Deviation, shape (pairs,).

    Examples
    --------
    >>> float(deviation(np.array([0.2]), np.array([5.0]), 20.0)[0])
    0.078446454055

    """
    return np.asarray(np.sqrt(win_rate * (1 - win_rate) / (strength + pitches + 1)))


def explored_rate(win_rate: np.ndarray, pitches: np.ndarray, strength: float, explore: float) -> np.ndarray:
    """Raise the win rate by `explore` deviations, at most to 1: optimism in the face of uncertainty.

    Deterministic, unlike Thompson sampling, so that a list does not change from one request to the next.

    Examples
    --------
    >>> float(explored_rate(np.array([0.2]), np.array([5.0]), 20.0, 1.0)[0])
    0.278446454055

    """
    return np.minimum(1.0, win_rate + explore * deviation(win_rate, pitches, strength))
