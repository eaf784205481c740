"""What pending pitches count for in the weeks of a replay, as in the weekly job: each as far as its wins have come."""

import numpy as np
from numpy.typing import NDArray

from dog.core.iso_weeks import DAY_MS
from dog.core.learning.delay_curve import NO_CURVE, arrived_shares, fit_delay_curve, tally_ages
from dog.core.learning.event_states import LOST, OPEN, WON
from dog.core.learning.evidence import Evidence
from dog.core.learning.reinforcement_settings import Reinforcement
from dog.offline.history.pitches import Pitches
from dog.offline.statistics.discrimination import Floats


class PendingPitches:
    """The pending pitches of each week, and the delay curve fitted in the week before."""

    def __init__(self, pitches: Pitches, score: Floats, settings: Reinforcement) -> None:
        self._pitches, self._score = pitches, score
        self._maturation_ms = round(settings.maturation_days * DAY_MS)
        self._counts = settings.neutral == "expected"
        self._curve = NO_CURVE

    def evidence(self, start_ms: int, pitched: int, pairs: int) -> Evidence | None:
        """Return what the pitches pending at an instant count for, shape (pairs,); None where for nothing.

        `pitched` is the number of pitches made before it. Weeks are asked for in order.
        """
        if not self._counts:
            return None
        rows = np.flatnonzero(self._pitches.settled_ms[:pitched] >= start_ms)
        found = self._of_rows(rows, start_ms, pairs) if self._curve and len(rows) else None
        self._curve = self._fit(start_ms, pitched)
        return found

    def _of_rows(self, rows: NDArray[np.int64], start_ms: int, pairs: int) -> Evidence:
        days = (start_ms - self._pitches.at_ms[rows]) // DAY_MS
        share = arrived_shares(days * DAY_MS, self._maturation_ms, self._curve)
        pair, score = self._pitches.pair[rows], self._score[rows]
        return Evidence(
            wins=np.zeros(pairs),
            pitches=np.bincount(pair, weights=share, minlength=pairs),
            expected=np.bincount(pair, weights=share * np.nan_to_num(score), minlength=pairs),
            scored=np.bincount(pair, weights=share * ~np.isnan(score), minlength=pairs),
        )

    def _fit(self, start_ms: int, pitched: int) -> tuple[float, ...]:
        at_ms, settled_ms = self._pitches.at_ms[:pitched], self._pitches.settled_ms[:pitched]
        known = settled_ms < start_ms
        state = np.where(known, np.where(self._pitches.won[:pitched] > 0, WON, LOST), OPEN)
        return fit_delay_curve(tally_ages(np.where(known, settled_ms, start_ms) - at_ms, state, self._maturation_ms))
