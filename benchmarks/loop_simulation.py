"""Two simulated years of selling with one way of choosing: the loop of `closed_loop.py`."""

from dataclasses import dataclass

import numpy as np
from scipy.special import logit

from benchmarks.loop_choosers import Chooser, Outcomes, Sight, join
from benchmarks.loop_models import Models
from benchmarks.simulated_world import BASE_RATE, REFRESH_WEEKS, Scenario, Size, World, known_after, logged

PITCHES_A_WEEK = 3


@dataclass(frozen=True)
class Run:
    """The result of one arm in one world."""

    wins: np.ndarray  # of each week
    regret: np.ndarray  # chances forgone against the oracle's list, of each week
    churn: float  # share of a contact's list exchanged from one week to the next
    distinct: float  # products on some list of the week, averaged over the weeks


@dataclass
class Record:
    """What is recorded: all that became known so far, and what is pending."""

    wins: np.ndarray  # shape (pairs,), as the next two
    pitches: np.ndarray
    expected: np.ndarray
    known: list[Outcomes]
    pending: Outcomes | None = None

    def settle(self, week: int, pitched: Outcomes) -> tuple[Outcomes, Outcomes]:
        """Add the pitches of a week; return what becomes known at its end, and what is pending then."""
        waiting = pitched if self.pending is None else join([self.pending, pitched])
        due = waiting.known <= week
        news, self.pending = waiting.take(due), waiting.take(~due)
        for total, added in ((self.wins, news.won), (self.pitches, 1), (self.expected, news.score)):
            np.add.at(total, news.pair, added)
        self.known.append(news)
        return news, self.pending


def simulate(world: World, scenario: Scenario, chooser: Chooser, size: Size, seed: int) -> Run:
    """Simulate all weeks with one way of choosing."""
    luck, record_luck = np.random.default_rng([seed, 1]), np.random.default_rng([seed, 3])
    shape, rows = (size.contacts, size.products), np.arange(size.contacts)[:, None]
    wins, pitches, expected = np.zeros((3, size.contacts * size.products))
    record = Record(wins, pitches, expected, [])
    models = Models(world, scenario)
    won_by_week, regrets, churns, distinct, before = [], [], [], [], None
    for week in range(size.weeks):
        refreshed = scenario.refresh and week > 0 and week % REFRESH_WEEKS == 0
        learnt = _learn(record, shape) if refreshed else None if week else np.zeros(shape)
        said = models.look(week, learnt, record.known, record.pending)
        if refreshed:
            chooser.refreshed(said.score)
        sight = Sight(week, said.score, said.models, said.changed)
        chance = world.chance(week)
        listed, chosen = _pitch(scenario, chooser.order(sight).reshape(shape), chance, record_luck)
        outcome = luck.random(shape) < chance
        won = outcome[rows, chosen]
        best = -np.partition(-chance, PITCHES_A_WEEK, axis=1)[:, :PITCHES_A_WEEK]
        won_by_week.append(int(won.sum()))
        regrets.append(float(best.sum() - chance[rows, chosen].sum()))
        distinct.append(len(np.unique(listed)))
        if before is not None:
            kept = (listed[:, :, None] == before[:, None, :]).any(axis=2)
            churns.append(1 - kept.mean())
        before = listed
        pairs = (rows * size.products + chosen).ravel()
        age, kept = known_after(scenario, outcome, record_luck), logged(scenario, outcome, record_luck)
        made = Outcomes(
            pair=pairs,
            week=np.full(len(pairs), week),
            known=week + age[rows, chosen].ravel(),
            won=won.ravel(),
            score=said.score[pairs],
            places=models.places(pairs),
            tag=chooser.tag(pairs),
        )
        news, pending = record.settle(week, made.take(kept[rows, chosen].ravel()))
        chooser.learn(week, news, pending)
    return Run(np.array(won_by_week), np.array(regrets), float(np.mean(churns)), float(np.mean(distinct)))


def _learn(record: Record, shape: tuple[int, int]) -> np.ndarray:
    """Return what a refreshed model learns: how much better than expected each pair did, in log odds, shrunk."""
    rate = (record.wins + 5 * BASE_RATE) / (record.pitches + 5)
    expected = (record.expected + 5 * BASE_RATE) / (record.pitches + 5)
    return np.asarray((logit(rate) - logit(expected)).reshape(shape)) * 0.7


def _pitch(
    scenario: Scenario, value: np.ndarray, chance: np.ndarray, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return the products on each contact's list, and those of them that are pitched, shape (contacts, products)."""
    if scenario.rep_picks_of is None:
        listed = np.argpartition(-value, PITCHES_A_WEEK, axis=1)[:, :PITCHES_A_WEEK]
        return listed, listed
    listed = np.argpartition(-value, scenario.rep_picks_of, axis=1)[:, : scenario.rep_picks_of]
    thinks = logit(chance) + random.normal(0, 1, chance.shape)
    among = np.argpartition(-np.take_along_axis(thinks, listed, axis=1), PITCHES_A_WEEK, axis=1)[:, :PITCHES_A_WEEK]
    return listed, np.take_along_axis(listed, among, axis=1)
