"""The weekly job replayed: the multiplier of each past pitch, from what was settled before its week."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from dog.core.learning.absorption import score_moves, take_out
from dog.core.learning.evidence import Evidence, add_evidence, damp, no_evidence
from dog.core.learning.expected_wins import exploration_odds
from dog.core.learning.priors import Priors, fit_priors, sum_pairs
from dog.core.learning.recursion import damping
from dog.core.learning.reinforcement import product_multipliers, reinforce, trust_of
from dog.core.learning.reinforcement_settings import Reinforcement
from dog.core.learning.trust import SettledPitches, Trust
from dog.core.learning.win_rates import global_rate
from dog.offline.history.laps_by_week import LapCounter, LapsByWeek
from dog.offline.history.pitches import Pitches
from dog.offline.replay.pending_pitches import PendingPitches
from dog.offline.statistics.discrimination import Floats

STRETCH = 1 << 16
"""Pairs whose multipliers are computed at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyMultipliers:
    """What the replayed weeks gave.

    `multiplier` of each pitch (1 in the first week), a factor on the odds where the settings say so; by expected wins
    also what products and pairs contribute to it, `product_part` and `pair_part`, and `order_odds`, the factor on the
    odds of the order (else 1). The shrunk `win_rate` of its pair and `product_rate` of its product at that time, shape
    (pitches,). `priors` and `trust` as fitted at the end, `absorbed` the share taken out by week in which scores
    changed; `last` multiplier of every pair, shape (pairs,).
    """

    multiplier: Floats
    product_part: Floats
    pair_part: Floats
    order_odds: Floats
    win_rate: Floats
    product_rate: Floats
    priors: Priors
    trust: Trust
    absorbed: Mapping[int, float]
    last: Floats


def replay_weeks(
    pitches: Pitches,
    score: Floats,
    week_starts_ms: NDArray[np.int64],
    settings: Reinforcement,
    product_count: int,
    *,
    laps: LapsByWeek | None = None,
    refreshed: Mapping[int, Floats] = MappingProxyType({}),
    report: Callable[[float], None] = lambda _: None,
) -> WeeklyMultipliers:
    """Recompute every week in order and record the multiplier of each pitch.

    `score` is the calibrated consolidated score at each pitch, NaN where none, shape (pitches,). `week_starts_ms` are
    the first instants of the weeks, ascending, from that of the first pitch on, then the end of the last.
    `product_count` is the size of the catalogue; `laps` is None where there were none. `refreshed` holds, by the number
    of a week at whose beginning the models' scores changed, the new consolidated score of every pair, NaN where none,
    shape (pairs,): what it knows of the evidence is absorbed as the settings say.
    """
    state = _State(pitches, score, settings, product_count, laps, refreshed)
    bounds = np.append(np.searchsorted(pitches.at_ms, week_starts_ms), len(pitches))
    for number, start_ms in enumerate(week_starts_ms.tolist()):
        state.recompute(number, start_ms, int(bounds[number]))
        state.record_pitches(slice(int(bounds[number]), int(bounds[number + 1])))
        report((number + 1) / len(week_starts_ms))
    return WeeklyMultipliers(
        multiplier=state.multiplier,
        product_part=state.product_part,
        pair_part=state.pair_part,
        order_odds=state.order_odds,
        win_rate=state.win_rate,
        product_rate=state.product_rate,
        priors=state.priors,
        trust=state.trust,
        absorbed=state.absorbed,
        last=state.of_pair,
    )


class _State:
    """Evidence and multipliers of all pairs, week by week."""

    def __init__(
        self,
        pitches: Pitches,
        score: Floats,
        settings: Reinforcement,
        product_count: int,
        laps: LapsByWeek | None,
        refreshed: Mapping[int, Floats],
    ) -> None:
        self.pitches, self.score, self.refreshed = pitches, score, refreshed
        self.settings, self.product_count = settings, product_count
        pairs = int(pitches.pair.max()) + 1 if len(pitches) else 0
        self.product_of, self.contact_of = np.zeros((2, pairs), np.int64)
        self.product_of[pitches.pair] = pitches.product
        self.contact_of[pitches.pair] = pitches.contact
        contacts = 1 + max(int(part.max()) for part in (pitches.contact, laps.contact)) if laps else 0
        self.laps = LapCounter(laps, contacts, settings) if laps else None
        self.evidence, self.settled_pitches = no_evidence(pairs), np.zeros(pairs)
        self.pending = PendingPitches(pitches, score, settings)
        self.settles = np.argsort(pitches.settled_ms, kind="stable")
        self.counted = 0
        self.of_pair = np.ones(pairs)
        self.of_product = np.ones(product_count)
        self.known = 0  # pairs pitched before, hence with a multiplier of their own: those with lower numbers
        self.reached = 0  # pairs among which are all that are known or have evidence
        self.multiplier, self.win_rate, self.product_rate = (np.ones(len(pitches)) for _ in range(3))
        self.product_part, self.pair_part, self.order_odds = (np.ones(len(pitches)) for _ in range(3))
        self.log_ratios = np.zeros((2, len(pitches)))  # of product and pair, as known when pitched
        self.trust, self.absorbed = Trust(), dict[int, float]()
        self.pitched_in = np.zeros((product_count, 0), bool)  # product pitched in each week so far
        self.wins = 0.0
        self.priors = fit_priors(sum_pairs(self.product_of[:0], no_evidence(0), product_count))

    def recompute(self, week: int, start_ms: int, pitched: int) -> None:
        """Recompute from what was settled before a week; `pitched` is the number of pitches made before it."""
        until = int(np.searchsorted(self.pitches.settled_ms, start_ms, sorter=self.settles))
        settled = self.settles[self.counted : until]
        self._count(settled)
        self._trust(settled)
        self.counted = until
        if week in self.refreshed:
            self._absorb(week)
        recursions = self._recur(week)
        some = slice(self.reached)
        pending = self.pending.evidence(start_ms, pitched, self.reached)
        if until:
            evidence, product = self.evidence.take(some), self.product_of[some]
            weighed = evidence if pending is None else add_evidence(evidence, pending)
            self.priors = fit_priors(
                sum_pairs(product, weighed, self.product_count),
                rate=global_rate(self.wins, until),
                pitch_weeks=self.pitched_in.sum(axis=1),
                trust=self.trust.values,
            )
            self._reinforce(weighed, recursions)
            self.of_product = product_multipliers(self.priors, self.of_product, self.settings).value

    def _reinforce(self, weighed: Evidence, recursions: NDArray[np.int64] | int) -> None:
        """Set the multipliers of all pairs with evidence, some at a time: `reinforce` makes a dozen arrays."""
        recursions = np.broadcast_to(recursions, self.reached)
        for first in range(0, self.reached, STRETCH):
            some = slice(first, min(first + STRETCH, self.reached))
            self.of_pair[some] = reinforce(
                self.product_of[some],
                weighed.take(some),
                self.priors,
                recursions[some],
                self.of_pair[some],
                self.settings,
            ).value

    def _count(self, settled: NDArray[np.int64]) -> None:
        pair, score = self.pitches.pair[settled], self.score[settled]
        has_score = ~np.isnan(score)
        np.add.at(self.evidence.wins, pair, self.pitches.won[settled])
        np.add.at(self.evidence.pitches, pair, 1.0)
        np.add.at(self.settled_pitches, pair, 1.0)
        np.add.at(self.evidence.expected, pair[has_score], score[has_score])
        np.add.at(self.evidence.scored, pair, has_score.astype(np.float64))
        self.wins += float(self.pitches.won[settled].sum())
        self.reached = max(self.reached, 1 + int(pair.max(initial=-1)))

    def _trust(self, settled: NDArray[np.int64]) -> None:
        rows = settled[~np.isnan(self.score[settled])]
        product_log_ratio, pair_log_ratio = self.log_ratios[:, rows]
        self.trust = self.trust.learn(
            SettledPitches(
                product=self.pitches.product[rows],
                score=self.score[rows],
                product_log_ratio=product_log_ratio,
                pair_log_ratio=pair_log_ratio,
                won=self.pitches.won[rows],
            )
        )

    def _absorb(self, week: int) -> None:
        """Take out what new scores know: the share that is measured, or the policy's own."""
        now, evidence = self.refreshed[week], self.evidence
        measured = (evidence.pitches > 0) & ~np.isnan(now)
        if self.settings.absorb == "measured":
            of = evidence.take(measured)
            share = score_moves(
                of.wins,
                of.pitches,
                of.expected_wins(self.priors.global_rate),
                now[measured],
                whole=self.settled_pitches[measured],
            ).absorbed_share
        else:
            share = self.settings.absorb
        self.absorbed[week] = share
        self.evidence = take_out(evidence, np.where(measured, share, 0.0))

    def _recur(self, week: int) -> NDArray[np.int64] | int:
        """Damp the evidence of contacts that reach a recursion; return the recursions of each pair's contact."""
        if self.laps is None or week == 0:
            return 0
        due = self.laps.close_weeks_before(week)[self.contact_of]
        if self.settings.recursion.reading == "evidence" and due.any():
            factor = damping(self.evidence.raw_rates, self.settings.recursion.n)
            self.evidence = damp(self.evidence, np.where(due, factor, 1.0))
        return self.laps.recursions[self.contact_of[: self.reached]]

    def record_pitches(self, rows: slice) -> None:
        """Record what the pitches of the week that begins get."""
        pair, product = self.pitches.pair[rows], self.pitches.product[rows]
        known, product_rate = pair < self.known, self.priors.product_rates[product]
        pitched = np.zeros((self.product_count, 1), bool)
        pitched[product] = True
        self.pitched_in = np.concatenate([self.pitched_in, pitched], axis=1)
        self.multiplier[rows] = np.where(known, self.of_pair[pair], self.of_product[product])
        self.product_rate[rows] = self.win_rate[rows] = product_rate
        if self.counted:
            # a list looks up what versions hold: the evidence without pending pitches
            evidence, trust = self.evidence.take(pair), trust_of(self.priors, self.settings)
            found = reinforce(product, evidence, self.priors, 0, np.nan, self.settings)
            self.win_rate[rows] = np.where(known & (evidence.pitches > 0), found.win_rate, product_rate)
            if self.settings.neutral == "expected":
                self.log_ratios[:, rows] = np.log([found.product_ratio, found.pair_ratio])
                self.product_part[rows] = found.product_ratio ** trust[0]
                self.pair_part[rows] = found.pair_ratio ** trust[1]
                self.order_odds[rows] = exploration_odds(
                    evidence.pitches, found.expected, found.pair_ratio, trust[1], self.settings.explore
                )
        fresh = slice(self.known, max(self.known, 1 + int(pair.max(initial=-1))))
        self.of_pair[fresh] = self.of_product[self.product_of[fresh]]
        self.known, self.reached = fresh.stop, max(self.reached, fresh.stop)
