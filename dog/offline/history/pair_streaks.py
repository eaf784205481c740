"""The streak of accepts or discards that a pair had when each of its pitches was made."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dog.core.events import EventType
from dog.core.iso_weeks import DAY_MS
from dog.offline.history.pitches import OutcomeEvent, Pitches
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


def streaks_before(verdicts: Sequence[OutcomeEvent], pitches: Pitches) -> PairStreaks:
    """Find the streak that each pitch's pair had strictly before the pitch.

    `verdicts` are accepts and discards of pairs, in any order; ties in time are ordered by event id.

    Examples
    --------
    >>> def verdict(at, kind):
    ...     return OutcomeEvent(contact=0, product=0, at_ms=at, kind=kind, event_id=str(at))
    >>> said = [verdict(1, EventType.ACCEPT), verdict(5, EventType.DISCARD), verdict(7, EventType.DISCARD)]
    >>> ones, none = np.ones(3, np.int64), np.zeros(3, np.int64)
    >>> pitched = Pitches(
    ...     contact=none, product=none, pair=none, week=none, at_ms=np.array([1, 2, 9]), settled_ms=ones,
    ...     won=ones, propensity=ones, variant=np.array([""] * 3),
    ... )
    >>> streaks_before(said, pitched).length
    array([ 0,  1, -2])

    """
    streak, days = np.zeros(len(pitches), np.int64), np.zeros(len(pitches))
    if not verdicts or not len(pitches):
        return PairStreaks(streak, days)
    span = 1 + max(int(pitches.product.max()), *(verdict.product for verdict in verdicts))
    rows = sorted((one.contact * span + one.product, one.at_ms, one.event_id, one.kind) for one in verdicts)
    pair = np.array([row[0] for row in rows], np.int64)
    at_ms = np.array([row[1] for row in rows], np.int64)
    sign = np.array([1 if row[3] is EventType.ACCEPT else -1 for row in rows], np.int64)
    place = np.arange(len(rows))
    begins = np.ones(len(rows), bool)
    begins[1:] = (np.diff(pair) != 0) | (np.diff(sign) != 0)
    length = (place - np.maximum.accumulate(np.where(begins, place, 0)) + 1) * sign
    moments = np.unique(np.concatenate([at_ms, pitches.at_ms]))
    keys = pair * len(moments) + np.searchsorted(moments, at_ms)
    asked = pitches.contact * span + pitches.product
    last = np.searchsorted(keys, asked * len(moments) + np.searchsorted(moments, pitches.at_ms)) - 1
    found = (last >= 0) & (pair[last] == asked)
    streak[found] = length[last[found]]
    days[found] = (pitches.at_ms[found] - at_ms[last[found]]) / DAY_MS
    return PairStreaks(streak, days)
