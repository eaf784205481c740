"""The weekly job replayed: the multiplier of each past pitch, from what was settled before its week."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dog.core.learning.evidence import damp, no_evidence
from dog.core.learning.priors import Priors, fit_priors, sum_pairs
from dog.core.learning.recursion import damping
from dog.core.learning.reinforcement import product_multipliers, reinforce
from dog.core.learning.reinforcement_settings import Reinforcement
from dog.offline.history.laps_by_week import LapCounter, LapsByWeek
from dog.offline.history.pitches import Pitches
from dog.offline.statistics.discrimination import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyMultipliers:
    """What the replayed weeks gave.

    `multiplier` of each pitch (1 in the first week), and the shrunk `win_rate` of its pair and `product_rate` of its
    product at that time, shape (pitches,); `priors` as fitted at the end; `last` multiplier of every pair, shape
    (pairs,).
    """

    multiplier: Floats
    win_rate: Floats
    product_rate: Floats
    priors: Priors
    last: Floats


def replay_weeks(
    pitches: Pitches,
    score: Floats,
    week_starts_ms: NDArray[np.int64],
    settings: Reinforcement,
    product_count: int,
    *,
    laps: LapsByWeek | None = None,
    report: Callable[[float], None] = lambda _: None,
) -> WeeklyMultipliers:
    """Recompute every week in order and record the multiplier of each pitch.

    Past model refreshes are not known: no evidence is absorbed.

    `score` is the calibrated consolidated score at each pitch, NaN where none, shape (pitches,). `week_starts_ms` are
    the first instants of the weeks, ascending, from that of the first pitch on, then the end of the last.
    `product_count` is the size of the catalogue; `laps` is None where there were none.
    """
    state = _State(pitches, score, settings, product_count, laps)
    week = np.searchsorted(week_starts_ms, pitches.at_ms, side="right") - 1
    bounds = np.searchsorted(week, np.arange(len(week_starts_ms) + 1))
    for number, start_ms in enumerate(week_starts_ms.tolist()):
        state.recompute(number, start_ms, int(bounds[number]))
        state.record_pitches(slice(int(bounds[number]), int(bounds[number + 1])))
        report((number + 1) / len(week_starts_ms))
    return WeeklyMultipliers(
        multiplier=state.multiplier,
        win_rate=state.win_rate,
        product_rate=state.product_rate,
        priors=state.priors,
        last=state.of_pair,
    )


class _State:
    """Evidence and multipliers of all pairs, week by week."""

    def __init__(
        self, pitches: Pitches, score: Floats, settings: Reinforcement, product_count: int, laps: LapsByWeek | None
    ) -> None:
        self.pitches, self.score = pitches, score
        self.settings, self.product_count = settings, product_count
        pairs = int(pitches.pair.max()) + 1 if len(pitches) else 0
        self.product_of, self.contact_of = np.zeros((2, pairs), np.int64)
        self.product_of[pitches.pair] = pitches.product
        self.contact_of[pitches.pair] = pitches.contact
        contacts = 1 + max(int(part.max()) for part in (pitches.contact, laps.contact)) if laps else 0
        self.laps = LapCounter(laps, contacts, settings) if laps else None
        self.evidence = no_evidence(pairs)
        self.settles = np.argsort(pitches.settled_ms, kind="stable")
        self.settled_ms = pitches.settled_ms[self.settles]
        self.counted = 0
        self.of_pair = np.ones(pairs)
        self.of_product = np.ones(product_count)
        self.known = np.zeros(pairs, bool)  # pitched before, hence with a multiplier of its own
        self.multiplier, self.win_rate, self.product_rate = (np.ones(len(pitches)) for _ in range(3))
        self.rate_of_pair = np.zeros(pairs)
        self.priors = fit_priors(sum_pairs(self.product_of[:0], no_evidence(0), product_count))

    def recompute(self, week: int, start_ms: int, pitched: int) -> None:
        """Recompute from what was settled before a week; `pitched` is the number of pitches made before it."""
        until = int(np.searchsorted(self.settled_ms, start_ms))
        self._count(self.settles[self.counted : until])
        self.counted = until
        recursions = self._recur(week)
        fresh = np.zeros(len(self.known), bool)
        fresh[self.pitches.pair[:pitched]] = True
        fresh &= ~self.known
        self.of_pair[fresh] = self.of_product[self.product_of[fresh]]
        self.known |= fresh
        if until:
            self.priors = fit_priors(sum_pairs(self.product_of, self.evidence, self.product_count))
            found = reinforce(self.product_of, self.evidence, self.priors, recursions, self.of_pair, self.settings)
            self.of_pair = np.where(self.known, found.value, self.of_pair)
            self.of_product = product_multipliers(self.priors, self.of_product, self.settings).value
            self.rate_of_pair = found.win_rate

    def _count(self, settled: NDArray[np.int64]) -> None:
        pair, score = self.pitches.pair[settled], self.score[settled]
        has_score = ~np.isnan(score)
        np.add.at(self.evidence.wins, pair, self.pitches.won[settled])
        np.add.at(self.evidence.pitches, pair, 1.0)
        np.add.at(self.evidence.expected, pair[has_score], score[has_score])
        np.add.at(self.evidence.scored, pair, has_score.astype(np.float64))

    def _recur(self, week: int) -> NDArray[np.int64] | int:
        """Damp the evidence of contacts that reach a recursion; return the recursions of each pair's contact."""
        if self.laps is None or week == 0:
            return 0
        due = self.laps.close_weeks_before(week)[self.contact_of]
        if self.settings.recursion.reading == "evidence" and due.any():
            factor = damping(self.evidence.raw_rates, self.settings.recursion.n)
            self.evidence = damp(self.evidence, np.where(due, factor, 1.0))
        return self.laps.recursions[self.contact_of]

    def record_pitches(self, rows: slice) -> None:
        """Record what the pitches of the week that begins get."""
        pair, product = self.pitches.pair[rows], self.pitches.product[rows]
        known, product_rate = self.known[pair], self.priors.product_rates[product]
        self.multiplier[rows] = np.where(known, self.of_pair[pair], self.of_product[product])
        self.win_rate[rows] = np.where(known & (self.evidence.pitches[pair] > 0), self.rate_of_pair[pair], product_rate)
        self.product_rate[rows] = product_rate
