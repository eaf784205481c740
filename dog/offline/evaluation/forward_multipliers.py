"""The weekly job over again: which multiplier each pitch would have met, from what was settled before its week."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dog.core.learning.evidence import Evidence
from dog.core.learning.priors import Priors, fit_priors, sum_pairs
from dog.core.learning.recursion import damping
from dog.core.learning.reinforcement import product_multipliers, reinforce
from dog.core.learning.reinforcement_settings import Reinforcement
from dog.offline.evaluation.discrimination import Floats
from dog.offline.evaluation.pitches import Pitches
from dog.offline.evaluation.week_laps import LapBook, WeekLaps

Report = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Walked:
    """What the weeks brought.

    Parameters
    ----------
    multiplier
        Multiplier in force at each pitch, 1 in the first week, shape (pitches,).
    win_rate
        Shrunk win rate of the pair then, shape (pitches,).
    product_rate
        Shrunk win rate of its product then, shape (pitches,).
    priors
        As fitted at the end of the history.
    last
        Multiplier of every pair at the end, shape (pairs,).

    """

    multiplier: Floats
    win_rate: Floats
    product_rate: Floats
    priors: Priors
    last: Floats


def walk_weeks(
    pitches: Pitches,
    score: Floats,
    week_starts_ms: NDArray[np.int64],
    settings: Reinforcement,
    product_count: int,
    report: Report = lambda _: None,
    laps: WeekLaps | None = None,
) -> Walked:
    """Recompute every week in order and note what each pitch would have met.

    Model refreshes of the past are not known: no evidence is absorbed.

    Parameters
    ----------
    pitches
        The history.
    score
        Calibrated consolidated score at each pitch, NaN where none, shape (pitches,).
    week_starts_ms
        First instants of the weeks, ascending, from that of the first pitch on, then the end of the last.
    settings
        The policy's reinforcement.
    product_count
        Products in the catalogue.
    report
        Told the share done.
    laps
        Laps of the contacts by week, None where there were none.

    """
    book = _Book(pitches, score, settings, product_count, laps)
    week = np.searchsorted(week_starts_ms, pitches.at_ms, side="right") - 1
    bounds = np.searchsorted(week, np.arange(len(week_starts_ms) + 1))
    for number, start_ms in enumerate(week_starts_ms.tolist()):
        book.close_week(number, start_ms, int(bounds[number]))
        book.open_week(slice(int(bounds[number]), int(bounds[number + 1])))
        report((number + 1) / len(week_starts_ms))
    return Walked(book.multiplier, book.win_rate, book.product_rate, book.priors, book.of_pair)


class _Book:
    """What is known so far, week by week."""

    def __init__(
        self, pitches: Pitches, score: Floats, settings: Reinforcement, product_count: int, laps: WeekLaps | None
    ) -> None:
        self.pitches, self.settings, self.product_count = pitches, settings, product_count
        pairs = int(pitches.pair.max()) + 1 if len(pitches) else 0
        self.product_of = np.zeros(pairs, np.int64)
        self.product_of[pitches.pair] = pitches.product
        self.contact_of = np.zeros(pairs, np.int64)
        self.contact_of[pitches.pair] = pitches.contact
        contacts = 1 + max(int(part.max()) for part in (pitches.contact, laps.contact)) if laps else 0
        self.laps = LapBook(laps, contacts, settings.recursion.laps) if laps else None
        self.wins, self.resolved, self.expected, self.scored = (np.zeros(pairs) for _ in range(4))
        self.score = score
        self.settles = np.argsort(pitches.settled_ms, kind="stable")
        self.settled_ms = pitches.settled_ms[self.settles]
        self.counted = 0
        self.of_pair = np.ones(pairs)
        self.of_product = np.ones(product_count)
        self.known = np.zeros(pairs, bool)  # pitched before, hence with a multiplier of its own
        self.multiplier, self.win_rate, self.product_rate = (np.ones(len(pitches)) for _ in range(3))
        self.rate_of_pair = np.zeros(pairs)
        self.priors = fit_priors(sum_pairs(self.product_of[:0], Evidence(*(np.zeros(0),) * 4), product_count))

    def close_week(self, number: int, end_ms: int, pitched: int) -> None:
        """Recompute with what was settled before the instant at which a week begins; so many pitches had been made."""
        until = int(np.searchsorted(self.settled_ms, end_ms))
        new = self.settles[self.counted : until]
        self.counted = until
        pair, score = self.pitches.pair[new], self.score[new]
        has_score = ~np.isnan(score)
        np.add.at(self.wins, pair, self.pitches.won[new])
        np.add.at(self.resolved, pair, 1.0)
        np.add.at(self.expected, pair[has_score], score[has_score])
        np.add.at(self.scored, pair, has_score.astype(np.float64))
        recursions = self._recur(number)
        fresh = np.zeros(len(self.known), bool)
        fresh[self.pitches.pair[:pitched]] = True
        fresh &= ~self.known
        self.of_pair[fresh] = self.of_product[self.product_of[fresh]]
        self.known |= fresh
        evidence = Evidence(self.wins, self.resolved, self.expected, self.scored)
        if until:
            self.priors = fit_priors(sum_pairs(self.product_of, evidence, self.product_count))
            found = reinforce(self.product_of, evidence, self.priors, recursions, self.of_pair, self.settings)
            self.of_pair = np.where(self.known, found.value, self.of_pair)
            self.of_product = product_multipliers(self.priors, self.of_product, self.settings).value
            self.rate_of_pair = found.win_rate

    def _recur(self, number: int) -> NDArray[np.int64] | int:
        """Damp the evidence of contacts that come to a recursion; tell the recursions of each pair's contact."""
        if self.laps is None or number == 0:
            return 0
        due = self.laps.close_week(number)[self.contact_of]
        if self.settings.recursion.reading == "evidence" and due.any():
            rates = self.wins[due] / np.where(self.resolved[due] > 0, self.resolved[due], np.nan)
            factor = damping(rates, self.settings.recursion.n)
            for counts in (self.wins, self.resolved, self.expected, self.scored):
                counts[due] *= factor
        return self.laps.recursions[self.contact_of]

    def open_week(self, rows: slice) -> None:
        """Note what the pitches of the week that begins meet."""
        pair, product = self.pitches.pair[rows], self.pitches.product[rows]
        known, product_rate = self.known[pair], self.priors.product_rates[product]
        self.multiplier[rows] = np.where(known, self.of_pair[pair], self.of_product[product])
        self.win_rate[rows] = np.where(known & (self.resolved[pair] > 0), self.rate_of_pair[pair], product_rate)
        self.product_rate[rows] = product_rate
