"""The delay curve: which share of the wins of pitches has come by an age, so that pending pitches count in part.

Wins settle first; a loss is often known by silence alone, after `maturation_days`. Until then the resolved pitches of
the last weeks are mostly won ones, and ratios of wins to expected wins are too high. A pending pitch of age a therefore
counts as F(a) of a resolved one, F the share of wins that have come by that age.
"""

import numpy as np
from numpy.typing import NDArray

from dog.core.events import EventType
from dog.core.learning.event_states import LOST, OPEN, WON

STEPS = 16
"""Equal steps of age, from 0 to maturation, in which ages are counted."""
ENOUGH_WINS = 30

NO_CURVE: tuple[float, ...] = ()
"""The delay curve while wins are too few: pending pitches count for nothing."""


def no_ages() -> NDArray[np.int64]:
    """Return the counts of no pitches, shape (3, steps)."""
    return np.zeros((3, STEPS), np.int64)


def count_ages(outcomes: np.ndarray, starts: np.ndarray, as_of_ms: int, maturation_ms: int) -> NDArray[np.int64]:
    """Count by age the pitches that were won, lost, and are open: the first pitch of each pair.

    The first settlement after it is taken as its own; later pitches would have to be matched with theirs one by one.

    Parameters
    ----------
    outcomes
        Records of `dog.core.records.OUTCOME`, shape (events,), grouped by pair, inside a pair in the order of
        (occurred_at, event_id).
    starts
        Index of each pair's first record, shape (pairs,), ascending, from 0.
    as_of_ms
        The instant; what occurred at or after it is ignored.
    maturation_ms
        Age at which an open pitch counts as lost.

    Returns
    -------
    Counts, shape (3, steps), rows `WON`, `LOST`, `OPEN`.

    """
    if not len(outcomes):
        return no_ages()
    none = len(outcomes)
    at, kind = outcomes["at"].astype(np.int64), outcomes["type"].copy()  # contiguous: read several times
    seen = at < as_of_ms
    pitch = _next(seen & (kind == EventType.PITCH), starts)
    last = np.append(starts[1:], none)
    pitched = pitch < last
    pitch, last = pitch[pitched], last[pitched]
    settlement = _next(seen & ((kind == EventType.WIN) | (kind == EventType.LOSS)), pitch)
    is_settled = settlement < last
    settlement = np.minimum(settlement, none - 1)
    ends = np.where(is_settled, at[settlement], as_of_ms)
    state = np.where(is_settled, np.where(kind[settlement] == EventType.WIN, WON, LOST), OPEN)
    return tally_ages(ends - at[pitch], state, maturation_ms)


def _next(marked: np.ndarray, places: np.ndarray) -> NDArray[np.int64]:
    """Return the first marked place at or after each of some places, the length of `marked` where there is none."""
    found = np.append(np.flatnonzero(marked), len(marked))
    return np.asarray(found[np.searchsorted(found, places)])


def tally_ages(age_ms: np.ndarray, state: np.ndarray, maturation_ms: int) -> NDArray[np.int64]:
    """Count pitches by state (`WON`, `LOST`, `OPEN`) and by their age when they were settled, or now, shape (3, steps).

    From maturation on a pitch counts as lost, whatever comes.
    """
    step = age_ms * STEPS // maturation_ms
    counted = np.where(step < STEPS, state, LOST) * STEPS + np.minimum(step, STEPS - 1)
    return np.bincount(counted, minlength=3 * STEPS).reshape(3, STEPS).astype(np.int64)


def fit_delay_curve(ages: np.ndarray) -> tuple[float, ...]:
    """Return the share of wins that have come by the end of each step of age; `NO_CURVE` with fewer than 30 wins.

    The cumulative incidence of wins with losses as a competing end and open pitches as censored in the middle of
    their step, over that at maturation.

    Parameters
    ----------
    ages
        From `count_ages`, summed over all pairs, shape (3, steps).

    References
    ----------
    Aalen & Johansen 1978; without early losses it is one minus the estimate of Kaplan & Meier 1958.

    Examples
    --------
    Of 60 pitches, 30 are won in the first step and 15 in the second; 15 are lost by silence.

    >>> ages = no_ages()
    >>> ages[WON, :2], ages[LOST, -1] = (30, 15), 15
    >>> [round(share, 3) for share in fit_delay_curve(ages)[:3]]
    [0.667, 1.0, 1.0]

    """
    won, ended, waiting = ages[WON], ages[WON] + ages[LOST], ages[OPEN]
    if won.sum() < ENOUGH_WINS:
        return NO_CURVE
    reached = np.cumsum((ended + waiting)[::-1])[::-1]
    at_risk = np.maximum(reached - waiting / 2, 1.0)
    left = np.cumprod(np.append(1.0, 1.0 - ended / at_risk))[:-1]
    incidence = np.cumsum(left * won / at_risk)
    return tuple((incidence / incidence[-1]).tolist())


def arrived_shares(age_ms: np.ndarray, maturation_ms: int, curve: tuple[float, ...]) -> NDArray[np.float64]:
    """Return the share of their wins that pitches of given ages have had, shape (pitches,), linear inside a step.

    Examples
    --------
    >>> arrived_shares(np.array([0, 5, 10, 160]), 160, tuple(min(1.0, step / 4) for step in range(1, 17)))
    array([0.   , 0.125, 0.25 , 1.   ])

    """
    if not curve:
        return np.zeros(len(age_ms))
    knots = np.linspace(0.0, maturation_ms, len(curve) + 1)
    return np.interp(age_ms, knots, np.array([0.0, *curve]))
