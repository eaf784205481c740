"""Multipliers of runs of verdicts: how far they raise or lower what they are about, and how that fades."""

import math

import numpy as np
from numba import types

from dog.core.iso_weeks import DAY_MS
from dog.core.kernels.array_types import FLOATS, INTEGER_TABLE, INTEGERS
from dog.core.kernels.compiled import compiled

RUN_HALVING = 2.0
"""Events beyond the free run after which half of the full effect (in logarithms) is reached."""
PRODUCT, RUN, LAST_MS, RESTS_UNTIL_MS = range(4)
"""Columns of what a contact has said of products: the run, 0 for none, and until when the product rests, or 0."""


@compiled()
def streak_of(run: int, days: float, free_run: int, half_life_days: float, accept: float, discard: float) -> float:
    """Return exp(L (1 - 2^(-max(|r| - r0, 0) / 2)) 2^(-days / H)), L = ln(accept) or ln(discard) by the run's sign."""
    limit = math.log(accept if run > 0 else discard)
    reached = 1 - 2.0 ** (-max(abs(run) - free_run, 0) / RUN_HALVING)
    return math.exp(limit * reached * 2.0 ** (-days / half_life_days))


@compiled((INTEGERS, FLOATS, types.int64, types.float64, types.float64, types.float64))
def streak_multipliers(
    runs: np.ndarray, days: np.ndarray, free_run: int, half_life_days: float, accept: float, discard: float
) -> np.ndarray:
    """Return the multiplier of each run, days after its last event, shape (runs,)."""
    found = np.empty(len(runs))
    for place in range(len(runs)):
        found[place] = streak_of(runs[place], days[place], free_run, half_life_days, accept, discard)
    return found


@compiled((INTEGERS, INTEGER_TABLE, types.int64, types.int64, types.float64, types.float64, types.float64))
def multiply_by_runs(
    products: np.ndarray,
    said: np.ndarray,
    now_ms: int,
    rests_until_ms: int,
    half_life_days: float,
    accept: float,
    discard: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the multiplier of each option of a contact, and until when it rests, shape (options,) each.

    Parameters
    ----------
    products
        Product number of each option.
    said
        What the contact has said of products, shape (rows, 4); the columns are listed above.
    now_ms
        Milliseconds since 1970. What rests until a time that has passed does not rest.
    rests_until_ms
        Until when the contact as a whole rests, 0 where it does not.
    half_life_days, accept, discard
        How fast a run fades, and the multipliers that endless runs tend to.

    """
    multipliers, until_ms = np.ones(len(products)), np.full(len(products), rests_until_ms)
    for row in range(len(said)):
        product, run, rests = said[row, PRODUCT], said[row, RUN], said[row, RESTS_UNTIL_MS]
        days = max(now_ms - said[row, LAST_MS], 0) / DAY_MS
        multiplier = streak_of(run, days, 0, half_life_days, accept, discard) if run else 1.0
        for option in range(len(products)):
            if products[option] == product:
                multipliers[option] *= multiplier
                if rests > now_ms:
                    until_ms[option] = max(until_ms[option], rests)
    return multipliers, until_ms
