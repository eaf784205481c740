"""What ways of choosing pitches share in `closed_loop.py`: what they see, what they hear of, and what they answer."""

from dataclasses import dataclass, fields
from typing import Protocol

import numpy as np

from benchmarks.simulated_world import World


@dataclass(frozen=True)
class Outcomes:
    """Recorded pitches, arrays of shape (pitches,)."""

    pair: np.ndarray  # contact * products + product
    week: np.ndarray  # in which it was pitched
    known: np.ndarray  # week at whose end the outcome is known
    won: np.ndarray
    score: np.ndarray  # consolidated, when pitched
    places: np.ndarray  # of each model's score within its load, when pitched, shape (pitches, models)
    tag: np.ndarray  # what the chooser noted when it was pitched, shape (pitches, notes)

    def take(self, chosen: np.ndarray) -> "Outcomes":
        """Select some of the pitches."""
        return Outcomes(**{one.name: getattr(self, one.name)[chosen] for one in fields(self)})


def join(parts: list[Outcomes]) -> Outcomes:
    """Put pitches together, in the order given; there is at least one part."""
    return Outcomes(
        **{one.name: np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(Outcomes)}
    )


@dataclass(frozen=True)
class Sight:
    """What a chooser sees at the start of a week."""

    week: int
    score: np.ndarray  # consolidated and calibrated, shape (pairs,)
    models: np.ndarray  # calibrated, shape (models, pairs)
    rescored: bool  # whether the scores have changed since last week


class Chooser(Protocol):
    """A way of choosing what to pitch."""

    def order(self, sight: Sight) -> np.ndarray:
        """Return the value by which each pair is ranked, shape (pairs,)."""

    def tag(self, pairs: np.ndarray) -> np.ndarray:
        """Return what to note with the pairs that are pitched now, shape (pairs, notes)."""

    def refreshed(self, score: np.ndarray) -> None:
        """Hear that the models were trained again; `score` is what they say now."""

    def learn(self, week: int, news: Outcomes, pending: Outcomes) -> None:
        """Hear what became known at the end of a week, and what is recorded but not known yet."""


class Unreinforced:
    """Rank by the score alone."""

    def order(self, sight: Sight) -> np.ndarray:
        return sight.score

    def tag(self, pairs: np.ndarray) -> np.ndarray:
        return np.zeros((len(pairs), 0))

    def refreshed(self, score: np.ndarray) -> None:
        """Take no notice."""

    def learn(self, week: int, news: Outcomes, pending: Outcomes) -> None:
        """Learn nothing."""


class Oracle(Unreinforced):
    """Rank by the true chance, which nobody knows."""

    def __init__(self, world: World) -> None:
        self.world = world

    def order(self, sight: Sight) -> np.ndarray:
        return self.world.chance(sight.week).ravel()
