"""Run methods on a data set: cross-fit and calibrate each, rank the products of the test contacts, take the times."""

import statistics
import time
from dataclasses import dataclass

import numpy as np

from benchmarks.few_shot.basics import Basics, Method, Scorer, Seen, fit_basics
from benchmarks.few_shot.calibration import AS_IT_IS, Rows, Weights, draw_rows, fit_logistic, fit_weights
from benchmarks.few_shot.list_figures import draw_choices, figures
from benchmarks.few_shot.tasks import People, Task
from dog.models.start.bands import BAND_STARTS, band_of
from dog.models.start.episodes import Episodes, cut
from dog.models.start.taste import Floats

CUTS = (0, 1, 2, 3, 5, 10)
BANDS = [[events for events in CUTS if band_of(events) == band] for band in range(len(BAND_STARTS))]
"""Numbers of events that share their weights, as in the model `start`."""
FOLDS = 4
TIMED_CONTACTS = 50
TIMED_EVENTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """Contacts to fit on, and episodes of the others with the pairs that are calibrated on."""

    people: People
    basics: Basics
    seen: dict[int, Seen]
    rows: dict[int, Rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """Episodes of the test contacts after some events, and the products to choose from."""

    episodes: Episodes
    seen: Seen
    choices: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Figures of each test episode by number of events, shape (3, episodes); seconds to fit, microseconds to adapt."""

    figures: dict[int, Floats]
    fit_seconds: float
    adapt_us: float


class Contest:
    """A data set, prepared once for all methods.

    With `same_query`, the wanted products are those after the tenth event, however many of the first ten are known.
    """

    def __init__(self, task: Task, *, same_query: bool = False) -> None:
        self.task = task
        self.folds = [_fold(task.trained, number, same_query) for number in range(FOLDS)]
        self.basics = fit_basics(task.trained)
        self.of_popularity = self._popularity_weights()
        self.tests = {events: _test(task.tested, events, same_query) for events in CUTS}

    def offset(self, basics: Basics) -> Floats:
        """Return the popularity of the products, shape (products,)."""
        constant, hazard, share = self.of_popularity
        return np.asarray(constant + hazard * basics.hazard + share * basics.share)

    def _popularity_weights(self) -> Floats:
        parts = [(fold.basics, rows) for fold in self.folds for rows in fold.rows.values()]
        columns = np.concatenate(
            [
                np.column_stack([np.ones(len(rows.product)), basics.hazard[rows.product], basics.share[rows.product]])
                for basics, rows in parts
            ]
        )
        wanted, weight = (np.concatenate([getattr(rows, name) for _, rows in parts]) for name in ("wanted", "weight"))
        return fit_logistic(columns, wanted, weight)

    def run(self, method: Method) -> Measured:
        """Calibrate a method on cross-fitted episodes, fit it to all contacts to train on, and rank for the others."""
        weights = self._calibrate(method)
        began = time.perf_counter()
        scorer = method.fit(self.task.trained, self.basics)
        fit_seconds = time.perf_counter() - began
        offset, found = self.offset(self.basics), {}
        for events, test in self.tests.items():
            scores = np.broadcast_to(weights[events].combine(offset, scorer(test.seen)), test.episodes.open.shape)
            found[events] = figures(scores, test.episodes, test.choices)
        return Measured(
            figures=found,
            fit_seconds=fit_seconds,
            adapt_us=_adapt_us(scorer, self.tests[TIMED_EVENTS].seen),
        )

    def _calibrate(self, method: Method) -> dict[int, Weights]:
        if method.is_whole:
            return dict.fromkeys(CUTS, AS_IT_IS)
        scorers = [method.fit(fold.people, fold.basics) for fold in self.folds]
        weights: dict[int, Weights] = {}
        for band in BANDS:
            parts = [
                (self.offset(fold.basics)[fold.rows[events].product], *_on_rows(scorer, fold, events))
                for fold, scorer in zip(self.folds, scorers, strict=True)
                for events in band
            ]
            fitted = fit_weights(*(np.concatenate(column) for column in zip(*parts, strict=True)))
            weights |= dict.fromkeys(band, fitted)
        return weights


def _on_rows(scorer: Scorer, fold: Fold, events: int) -> tuple[Floats, Floats, Floats]:
    rows = fold.rows[events]
    features = [feature[rows.episode, rows.product] for feature in scorer(fold.seen[events])]
    columns = np.stack(features, axis=1) if features else np.zeros((len(rows.product), 0))
    return columns, rows.wanted, rows.weight


def _fold(trained: People, number: int, same_query: bool) -> Fold:
    is_held_out = np.arange(len(trained)) % FOLDS == number
    held_out, chance = trained.select(is_held_out), np.random.default_rng(number)
    cuts = {events: _cut(held_out, events, same_query) for events in CUTS}
    people = trained.select(~is_held_out)
    return Fold(
        people=people,
        basics=fit_basics(people),
        seen={events: seen for events, (_, seen) in cuts.items()},
        rows={events: draw_rows(episodes, chance) for events, (episodes, _) in cuts.items()},
    )


def _test(tested: People, events: int, same_query: bool) -> Test:
    episodes, seen = _cut(tested, events, same_query)
    return Test(episodes=episodes, seen=seen, choices=draw_choices(episodes, np.random.default_rng(events)))


def _cut(people: People, events: int, same_query: bool) -> tuple[Episodes, Seen]:
    """Return what is wanted, and the first events that are known."""
    episodes = cut(people.histories, max(CUTS) if same_query else events)
    return episodes, Seen.of(people, episodes, events)


def _adapt_us(scorer: Scorer, seen: Seen) -> float:
    """Return the median time to adapt to one contact and score the catalogue."""
    taken = []
    for contact in range(min(TIMED_CONTACTS, len(seen.known))):
        one = seen.only(contact)
        began = time.perf_counter()
        scorer(one)
        taken.append(time.perf_counter() - began)
    return statistics.median(taken) * 1e6
