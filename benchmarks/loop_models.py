"""The three noisy models of `closed_loop.py`, and the service's own consolidation of their scores."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import expit

from benchmarks.loop_choosers import Outcomes
from benchmarks.simulated_world import BASE_RATE, REFRESH_WEEKS, Scenario, World
from dog.core.consolidation_fit import ConsolidationFit, ModelPast, fit_consolidation, settled_weeks
from dog.core.consolidator import Consolidator, build_consolidator
from dog.core.describe_load import describe_load
from dog.core.learning.win_rates import global_rate
from dog.core.policy.policy import Policy
from dog.core.policy.policy_settings import ModelSettings
from dog.core.score_axes import Load, standardise

WEIGHTS = (0.2, 0.4, 0.4)
FIT_WEEKS = 13
FIT_SAMPLE = 20_000
"""Newest settled pitches to which the consolidation is fitted."""
AXIS: Final = "log_odds"
NAMES = ("strange", "close", "closer")


@dataclass(frozen=True)
class Sighted:
    """What models say in a week."""

    score: np.ndarray  # consolidated, shape (pairs,)
    models: np.ndarray  # calibrated, shape (models, pairs)
    changed: bool  # whether scores or their fit have changed since last week


class Models:
    """Scores of all pairs as of the last refresh, and the fit as of the last one.

    The scores lie evenly in log odds, so that no other axis is tried: it takes most of the time and changes nothing.
    """

    def __init__(self, world: World, scenario: Scenario) -> None:
        self._world, self._scenario = world, scenario
        self._policy = Policy(
            name="simulated",
            models={name: ModelSettings(weight=weight) for name, weight in zip(NAMES, WEIGHTS, strict=True)},
            consolidation=scenario.pool,
        )
        self._loads: dict[str, Load] = {}
        self._places: dict[str, np.ndarray] = {}
        self._raw = np.zeros((0, 0))
        self._fit: ConsolidationFit | None = None
        self._base_rate = BASE_RATE
        self._said: Sighted | None = None

    def look(self, week: int, learnt: np.ndarray | None, known: list[Outcomes], pending: Outcomes | None) -> Sighted:
        """Return the scores of a week; `learnt` is what a refresh now has learnt from outcomes, None without one."""
        loaded, fits = learnt is not None, week % FIT_WEEKS == 0
        if learnt is not None:
            self._load(week, learnt)
        if fits and week:
            self._refit(known, pending)
        if loaded or fits or self._said is None:
            consolidator = self._consolidator()
            calibrated = consolidator.calibrate(self._raw)
            self._said = Sighted(consolidator.consolidate(calibrated), calibrated, changed=True)
            return self._said
        return Sighted(self._said.score, self._said.models, changed=False)

    def places(self, pairs: np.ndarray) -> np.ndarray:
        """Return where the scores of pairs lie within their load, shape (pairs, models): kept with a pitch."""
        return np.stack([places[pairs] for places in self._places.values()], axis=1)

    def _load(self, week: int, learnt: np.ndarray) -> None:
        """Score all pairs: the world as of now, each model's noise, and what it learnt."""
        refresh = week // REFRESH_WEEKS if self._scenario.refresh else 0
        seen = self._world.seen + self._world.drift[refresh * REFRESH_WEEKS] + learnt
        self._raw = np.stack([expit(seen + noise).ravel() for noise in self._world.noise[refresh]])
        self._loads = {name: describe_load(scores) for name, scores in zip(NAMES, self._raw, strict=True)}
        self._places = {
            name: standardise(scores, self._loads[name], AXIS) for name, scores in zip(NAMES, self._raw, strict=True)
        }

    def _consolidator(self) -> Consolidator:
        return build_consolidator(self._policy, self._loads, self._fit, self._base_rate)

    def _refit(self, known: list[Outcomes], pending: Outcomes | None) -> None:
        parts = [*known, *([] if pending is None else [pending])]
        week = np.concatenate([part.week for part in parts])
        settled = np.repeat([True, False], [sum(len(part.week) for part in known), len(week) - sum(map(_count, known))])
        rows = np.flatnonzero(settled_weeks(week, settled))[-FIT_SAMPLE:]
        won, places, pair = (
            np.concatenate([getattr(part, name) for part in parts])[rows] for name in ("won", "places", "pair")
        )
        if not len(rows):
            return
        self._base_rate = global_rate(float(won.sum()), len(won))
        past = [
            ModelPast(
                name=name,
                weight=weight,
                lower_is_better=False,
                places={AXIS: places[:, model]},
                centres={AXIS: float(self._places[name][pair].mean())},
            )
            for model, (name, weight) in enumerate(zip(NAMES, WEIGHTS, strict=True))
        ]
        self._fit = fit_consolidation(past, won, week[rows], self._base_rate)


def _count(part: Outcomes) -> int:
    return len(part.week)
