"""Two simulated years of selling with one way of choosing: the loop of `closed_loop.py`."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from benchmarks.loop_choosers import Chooser, Outcomes, Sight, join
from benchmarks.simulated_world import BASE_RATE, REFRESH_WEEKS, Scenario, Size, World, known_after, logged
from dog.core.calibration import MIN_OUTCOMES, Calibration, fit_line, probability, standard_line
from dog.core.consolidation import consolidate
from dog.core.score_axes import describe_load, standardise

WEIGHTS = np.array([0.2, 0.4, 0.4])
PITCHES_A_WEEK = 3
CALIBRATE_WEEKS = 13
CALIBRATION_SAMPLE = 20_000


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
    learnt, calibrations = np.zeros(shape), list[Calibration]()
    won_by_week, regrets, churns, distinct, before = [], [], [], [], None
    for week in range(size.weeks):
        refreshed = scenario.refresh and week > 0 and week % REFRESH_WEEKS == 0
        if refreshed:
            learnt = _learn(record, shape)
        views = _views(world, scenario, week, learnt)
        if week % CALIBRATE_WEEKS == 0:
            calibrations = _calibrate(views, record.known)
        models = np.stack([probability(view.ravel(), line) for view, line in zip(views, calibrations, strict=True)])
        score = consolidate(models, WEIGHTS)
        if refreshed:
            chooser.refreshed(score)
        sight = Sight(week, score, models, refreshed or week % CALIBRATE_WEEKS == 0)
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
            score=score[pairs],
            tag=chooser.tag(pairs),
        )
        news, pending = record.settle(week, made.take(kept[rows, chosen].ravel()))
        chooser.learn(week, news, pending)
    return Run(np.array(won_by_week), np.array(regrets), float(np.mean(churns)), float(np.mean(distinct)))


def _views(world: World, scenario: Scenario, week: int, learnt: np.ndarray) -> list[np.ndarray]:
    """Return each model's scores in a week: the world at its last refresh, its noise, and what it learnt by then."""
    refresh = week // REFRESH_WEEKS if scenario.refresh else 0
    at = world.drift[refresh * REFRESH_WEEKS]
    return [expit(world.seen + at + noise + learnt) for noise in world.noise[refresh]]


def _learn(record: Record, shape: tuple[int, int]) -> np.ndarray:
    """Return what a refreshed model learns: how much better than expected each pair did, in log odds, shrunk."""
    rate = (record.wins + 5 * BASE_RATE) / (record.pitches + 5)
    expected = (record.expected + 5 * BASE_RATE) / (record.pitches + 5)
    return np.asarray((logit(rate) - logit(expected)).reshape(shape)) * 0.7


def _calibrate(views: list[np.ndarray], known: list[Outcomes]) -> list[Calibration]:
    """Calibrate by standardising at first, by fitted lines once there are enough outcomes."""
    loads = [describe_load(view.ravel()) for view in views]
    if sum(len(news.pair) for news in known) < MIN_OUTCOMES:
        return [standard_line(load, BASE_RATE, lower_is_better=False) for load in loads]
    pairs, won, week = (
        np.concatenate([getattr(news, name) for news in known])[-CALIBRATION_SAMPLE:]
        for name in ("pair", "won", "week")
    )
    found = []
    for view, load in zip(views, loads, strict=True):
        places = standardise(view.ravel()[pairs], load, load.usual)
        slope, intercept = fit_line(places, won, week - week.min(), lower_is_better=False)
        found.append(Calibration(method="platt", slope=slope, intercept=intercept, axis=load.usual, load=load))
    return found


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
