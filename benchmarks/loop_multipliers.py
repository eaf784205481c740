"""The service's own multipliers as ways of choosing in `closed_loop.py`: its core, week by week."""

from typing import Final

import numpy as np

from benchmarks.loop_choosers import Outcomes, Sight, Unreinforced
from benchmarks.simulated_world import MATURE_WEEKS, Size
from dog.core.iso_weeks import WEEK_MS
from dog.core.learning import evidence as ev
from dog.core.learning.absorption import score_moves, take_out
from dog.core.learning.delay_curve import (
    NO_CURVE,
    arrived_shares,
    fit_delay_curve,
    no_ages,
    tally_ages,
)
from dog.core.learning.event_states import LOST, OPEN, WON
from dog.core.learning.evidence import Evidence, add_evidence
from dog.core.learning.expected_wins import exploration_odds
from dog.core.learning.priors import fit_priors, sum_pairs
from dog.core.learning.recursion import damping, recursions_due
from dog.core.learning.reinforcement import order_odds, product_multipliers, reinforce
from dog.core.learning.reinforcement_settings import Reinforcement
from dog.core.learning.trust import SettledPitches, Trust
from dog.core.log_odds import multiply_odds

LAPS_A_WEEK: Final = 50
"""Lists that a contact is served in a week; the pitches come from one of them."""
MATURATION_MS: Final = (MATURE_WEEKS + 1) * WEEK_MS


class Counted(Unreinforced):
    """Counts the evidence of every pair, as the weekly job does."""

    def __init__(self, settings: Reinforcement, size: Size) -> None:
        pairs = size.contacts * size.products
        self.settings, self.size = settings, size
        self.contact, self.product = np.divmod(np.arange(pairs), size.products)
        self.evidence = self.counted = ev.no_evidence(pairs)
        self.recursions = np.zeros(size.contacts, np.int64)
        self.multiplier = np.ones(pairs)

    def bring_to(self, week: int, news: Outcomes) -> None:
        """Bring the evidence to the end of a week."""
        recursion, pairs = self.settings.recursion, len(self.product)
        pitches = self.counted.pitches + np.bincount(news.pair, minlength=pairs)
        now = Evidence(
            wins=self.counted.wins + np.bincount(news.pair[news.won], minlength=pairs),
            pitches=pitches,
            expected=self.counted.expected + np.bincount(news.pair, weights=news.score, minlength=pairs),
            scored=pitches,
        )
        self.evidence, self.counted = ev.add_news(self.evidence, self.counted, now), now
        laps = np.full(self.size.contacts, LAPS_A_WEEK * (week + 1))
        due = recursions_due(laps, recursion.laps) > self.recursions
        self.recursions = self.recursions + due
        if recursion.reading == "evidence":
            factor = np.where(due[self.contact], damping(self.evidence.raw_rates, recursion.n), 1.0)
            self.evidence = ev.damp(self.evidence, factor)


class ByRate(Counted):
    """Rank by the score times the multiplier of the win rate."""

    def order(self, sight: Sight) -> np.ndarray:
        return sight.score * self.multiplier

    def refreshed(self, score: np.ndarray) -> None:
        assert isinstance(self.settings.absorb, float)
        self.evidence = ev.absorb(self.evidence, self.counted, self.counted, self.settings.absorb)

    def learn(self, week: int, news: Outcomes, pending: Outcomes) -> None:
        self.bring_to(week, news)
        priors = fit_priors(sum_pairs(self.product, self.evidence, self.size.products))
        damped = self.recursions[self.contact]
        own = reinforce(self.product, self.evidence, priors, damped, self.multiplier, self.settings).value
        unpitched = product_multipliers(priors, np.full(self.size.products, np.nan), self.settings).value
        self.multiplier = np.where(self.counted.pitches > 0, own, unpitched[self.product])


class ByExpectedWins(Counted):
    """Rank by the odds of the score times the odds factor of wins against expected wins, times the exploration."""

    def __init__(self, settings: Reinforcement, size: Size, *, count_pending: bool) -> None:
        super().__init__(settings, size)
        pairs = len(self.product)
        self.count_pending = count_pending
        self.ages, self.delay_curve = no_ages(), NO_CURVE
        self.trust = Trust()
        self.pitch_weeks: set[tuple[int, int]] = set()  # product and week
        self.logs = np.zeros((pairs, 2))  # ln r_j, ln r_ij
        never, one = np.zeros(pairs), np.ones(pairs)
        trust = settings.fixed_trust or self.trust.values
        self.doubt = exploration_odds(never, never, one, trust[1], settings.explore)

    def order(self, sight: Sight) -> np.ndarray:
        return multiply_odds(sight.score, self.multiplier * self.doubt)

    def tag(self, pairs: np.ndarray) -> np.ndarray:
        return self.logs[pairs]

    def refreshed(self, score: np.ndarray) -> None:
        held, share = self.evidence, self.settings.absorb
        if share == "measured":
            tried = held.pitches > 0
            whole = self.counted.pitches[tried]
            moves = score_moves(held.wins[tried], held.pitches[tried], held.expected[tried], score[tried], whole=whole)
            share = moves.absorbed_share
        self.evidence = take_out(held, share)

    def learn(self, week: int, news: Outcomes, pending: Outcomes) -> None:
        products = self.size.products
        self.trust = self.trust.learn(
            SettledPitches(
                product=news.pair % products,
                score=news.score,
                product_log_ratio=news.tag[:, 0],
                pair_log_ratio=news.tag[:, 1],
                won=news.won.astype(np.float64),
            )
        )
        self.bring_to(week, news)
        weighed = add_evidence(self.evidence, self._pending(week, news, pending))
        self.pitch_weeks |= {
            (pair % products, at) for pair, at in zip(news.pair.tolist(), news.week.tolist(), strict=True)
        }
        weeks = np.bincount([one for one, _ in self.pitch_weeks], minlength=products)
        sums = sum_pairs(self.product, weighed, products)
        priors = fit_priors(sums, pitch_weeks=weeks, trust=self.trust.values)
        before = np.where(self.counted.pitches > 0, self.multiplier, np.nan)
        recursions = self.recursions[self.contact]
        self.multiplier = reinforce(self.product, weighed, priors, recursions, before, self.settings).value
        listed = reinforce(self.product, self.evidence, priors, recursions, np.nan, self.settings)
        self.doubt = order_odds(self.product, self.evidence, priors, self.settings)
        self.logs = np.log(np.column_stack([listed.product_ratio, listed.pair_ratio]))

    def _pending(self, week: int, news: Outcomes, pending: Outcomes) -> Evidence:
        """Return what pending pitches count for by the delay curve of the week before; then fit it again.

        Pitches are made as a week begins, wins come in the middle of one, and the job runs as it ends.
        """
        pairs, age = len(self.product), (week + 1 - pending.week) * WEEK_MS
        share = arrived_shares(age, MATURATION_MS, self.delay_curve if self.count_pending else NO_CURVE)
        settled = np.where(news.won, news.known - news.week + 0.5, news.known - news.week + 1) * WEEK_MS
        self.ages = self.ages + tally_ages(settled.astype(np.int64), np.where(news.won, WON, LOST), MATURATION_MS)
        self.delay_curve = fit_delay_curve(self.ages + tally_ages(age, np.full(len(age), OPEN), MATURATION_MS))
        pitches = np.bincount(pending.pair, share, pairs)
        expected = np.bincount(pending.pair, share * pending.score, pairs)
        return Evidence(wins=np.zeros(pairs), pitches=pitches, expected=expected, scored=pitches)
