"""Multipliers of runs and votes: how far verdicts raise or lower what they are about, and how that fades."""

import math

import numpy as np
from numba import types

from dog.core.iso_weeks import DAY_MS
from dog.core.kernels.array_types import FLOATS, INTEGERS, WORDS
from dog.core.kernels.compiled import compiled

RUN_HALVING = 2.0
"""Events beyond the free run after which half of the full effect (in logarithms) is reached."""
UNKNOWN = -1.0
"""In the place of a multiplier that has not been computed."""


@compiled()
def streak_of(run: int, days: float, free_run: int, half_life_days: float, accept: float, discard: float) -> float:
    """Return exp(L (1 - 2^(-max(|r| - r0, 0) / 2)) 2^(-days / H)), L = ln(accept) or ln(discard) by the run's sign."""
    limit = math.log(accept if run > 0 else discard)
    reached = 1 - 2.0 ** (-max(abs(run) - free_run, 0) / RUN_HALVING)
    return math.exp(limit * reached * 2.0 ** (-days / half_life_days))


@compiled(
    (
        INTEGERS,
        FLOATS,
        types.int64,
        types.float64,
        types.float64,
        types.float64,
    )
)
def streak_multipliers(
    runs: np.ndarray, days: np.ndarray, free_run: int, half_life_days: float, accept: float, discard: float
) -> np.ndarray:
    """Return the multiplier of each run, days after its last event, shape (runs,)."""
    found = np.empty(len(runs))
    for place in range(len(runs)):
        found[place] = streak_of(runs[place], days[place], free_run, half_life_days, accept, discard)
    return found


@compiled((types.int64, types.int64, INTEGERS, INTEGERS, types.int64, types.float64))
def net_votes(begin: int, end: int, at_ms: np.ndarray, weight: np.ndarray, now_ms: int, lasts_ms: float) -> int:
    """Return the votes for less those against at a time, of the rows from `begin` to `end`."""
    net = 0
    for vote in range(begin, end):
        if at_ms[vote] + lasts_ms > now_ms:
            net += weight[vote]
    return net


@compiled()
def _last_ms(
    begin: int, end: int, at_ms: np.ndarray, weight: np.ndarray, now_ms: int, lasts_ms: float, net: int
) -> int:
    """Return the time of the last vote on the winning side; 0 where no side wins."""
    last = 0
    for vote in range(begin, end):
        if weight[vote] * net > 0 and at_ms[vote] + lasts_ms > now_ms:
            last = max(last, at_ms[vote])
    return last


@compiled(
    (
        WORDS,
        WORDS,
        INTEGERS,
        INTEGERS,
        INTEGERS,
        types.int64,
        types.float64,
        types.int64,
        types.float64,
        types.float64,
        types.float64,
    )
)
def vote_multipliers(
    wanted: np.ndarray,
    keys: np.ndarray,
    starts: np.ndarray,
    at_ms: np.ndarray,
    weight: np.ndarray,
    now_ms: int,
    lasts_ms: float,
    needed: int,
    half_life_days: float,
    accept: float,
    discard: float,
) -> np.ndarray:
    """Return the multiplier of each wanted key at a time, 1 where it has no votes, shape (wanted,).

    Parameters
    ----------
    wanted
        Keys, in any order.
    keys, starts, at_ms, weight
        The votes of a scope, as in `dog.core.verdicts.cross_contact.Votes`.
    now_ms, lasts_ms
        Milliseconds since 1970; how long a vote counts.
    needed, half_life_days
        From how many votes on the scope acts, and how fast it fades.
    accept, discard
        The multipliers that endless runs tend to.

    """
    found, known = np.ones(len(wanted)), np.full(len(keys), UNKNOWN)
    for place in range(len(wanted)):
        key = np.searchsorted(keys, wanted[place])
        if key == len(keys) or keys[key] != wanted[place]:
            continue
        if known[key] == UNKNOWN:
            begin, end = starts[key], starts[key + 1] if key + 1 < len(keys) else len(weight)
            net = net_votes(begin, end, at_ms, weight, now_ms, lasts_ms)
            last_ms = _last_ms(begin, end, at_ms, weight, now_ms, lasts_ms, net)
            days = max(now_ms - last_ms, 0) / DAY_MS
            known[key] = streak_of(net, days, needed - 1, half_life_days, accept, discard)
        found[place] = known[key]
    return found
