"""The streak of accepts or discards that a pair had when each of its pitches was made."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dog.core.events import EventType
from dog.core.iso_weeks import DAY_MS
from dog.offline.statistics.discrimination import Floats


@dataclass(frozen=True, slots=True)
class PairStreaks:
    """The pair's streak at each pitch, shape (pitches,), and the days since its last verdict.

    `length` is positive for accepts, negative for discards, 0 before the first verdict.
    """

    length: NDArray[np.int64]
    days: Floats

    def where(self, chosen: NDArray[np.bool_]) -> "PairStreaks":
        """Select the rows of some pitches."""
        return PairStreaks(self.length[chosen], self.days[chosen])


def streaks_before(
    pair: NDArray[np.int64],
    at_ms: NDArray[np.int64],
    kind: NDArray[np.uint8],
    *,
    pitched_pair: NDArray[np.int64],
    pitched_ms: NDArray[np.int64],
) -> PairStreaks:
    """Find the streak that each pitch's pair had strictly before the pitch.

    `pair`, `at_ms` and `kind` (accept or discard) are of verdicts, shape (verdicts,), those of one pair in their order.
    `pitched_pair` and `pitched_ms` are of the pitches. Pairs are any numbers.

    Examples
    --------
    >>> kinds = np.array([EventType.ACCEPT, EventType.DISCARD, EventType.DISCARD], np.uint8)
    >>> none = np.zeros(3, np.int64)
    >>> streaks_before(
    ...     none, np.array([1, 5, 7]), kinds, pitched_pair=none, pitched_ms=np.array([1, 2, 9])
    ... ).length
    array([ 0,  1, -2])

    """
    streak, days = np.zeros(len(pitched_pair), np.int64), np.zeros(len(pitched_pair))
    if not len(pair) or not len(pitched_pair):
        return PairStreaks(streak, days)
    pairs, numbers = np.unique(pair, return_inverse=True)
    order = np.argsort(numbers.reshape(-1), kind="stable")
    number, at_ms, sign = numbers.reshape(-1)[order], at_ms[order], np.where(kind == EventType.ACCEPT, 1, -1)[order]
    place = np.arange(len(order))
    begins = np.ones(len(order), bool)
    begins[1:] = (np.diff(number) != 0) | (np.diff(sign) != 0)
    length = (place - np.maximum.accumulate(np.where(begins, place, 0)) + 1) * sign
    moments = np.unique(np.concatenate([at_ms, pitched_ms]))
    keys = number * len(moments) + np.searchsorted(moments, at_ms)
    asked = np.minimum(np.searchsorted(pairs, pitched_pair), len(pairs) - 1)
    last = np.searchsorted(keys, asked * len(moments) + np.searchsorted(moments, pitched_ms)) - 1
    found = (last >= 0) & (number[last] == asked) & (pairs[asked] == pitched_pair)
    streak[found] = length[last[found]]
    days[found] = (pitched_ms[found] - at_ms[last[found]]) / DAY_MS
    return PairStreaks(streak, days)
