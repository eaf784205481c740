"""Which run of accepts or discards stood behind a pair when each of its pitches was made."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dog.core.events import EventType
from dog.offline.evaluation.discrimination import Floats
from dog.offline.evaluation.pitches import OutcomeEvent, Pitches

DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class PairRuns:
    """The run of a pair at each pitch, shape (pitches,).

    Parameters
    ----------
    run
        Length of the run, positive for accepts, negative for discards, 0 where nobody had said anything.
    days
        Days since its last verdict, at least 0.

    """

    run: NDArray[np.int64]
    days: Floats

    def where(self, chosen: NDArray[np.bool_]) -> "PairRuns":
        """Take those of some pitches."""
        return PairRuns(self.run[chosen], self.days[chosen])


def runs_before(verdicts: Sequence[OutcomeEvent], pitches: Pitches) -> PairRuns:
    """Find the run that stood strictly before each pitch.

    Parameters
    ----------
    verdicts
        Accepts and discards of pairs, in any order; of equal instants the order is that of their ids.
    pitches
        The history.

    Examples
    --------
    >>> said = [OutcomeEvent(0, 0, at, kind, str(at)) for at, kind in ((1, EventType.ACCEPT), (5, EventType.DISCARD))]
    >>> ones, none = np.ones(3, np.int64), np.zeros(3, np.int64)
    >>> pitched = Pitches(none, none, none, np.array([1, 2, 9]), ones, ones, ones, np.array([""] * 3))
    >>> runs_before([*said, OutcomeEvent(0, 0, 7, EventType.DISCARD, "7")], pitched).run
    array([ 0,  1, -2])

    """
    run, days = np.zeros(len(pitches), np.int64), np.zeros(len(pitches))
    if not verdicts or not len(pitches):
        return PairRuns(run, days)
    span = 1 + max(int(pitches.product.max()), *(verdict.product for verdict in verdicts))
    said = sorted((one.contact * span + one.product, one.at_ms, one.event_id, one.kind) for one in verdicts)
    code = np.array([row[0] for row in said], np.int64)
    at_ms = np.array([row[1] for row in said], np.int64)
    sign = np.array([1 if row[3] is EventType.ACCEPT else -1 for row in said], np.int64)
    place = np.arange(len(said))
    begins = np.ones(len(said), bool)
    begins[1:] = (np.diff(code) != 0) | (np.diff(sign) != 0)
    length = (place - np.maximum.accumulate(np.where(begins, place, 0)) + 1) * sign
    moments = np.unique(np.concatenate([at_ms, pitches.at_ms]))
    keys = code * len(moments) + np.searchsorted(moments, at_ms)
    asked = pitches.contact * span + pitches.product
    last = np.searchsorted(keys, asked * len(moments) + np.searchsorted(moments, pitches.at_ms)) - 1
    found = (last >= 0) & (code[last] == asked)
    run[found] = length[last[found]]
    days[found] = (pitches.at_ms[found] - at_ms[last[found]]) / DAY_MS
    return PairRuns(run, days)
