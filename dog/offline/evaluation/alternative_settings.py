"""Other multiplier settings tried on the same history, for where the active ones do harm."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dog.core.learning.reinforcement_settings import Reinforcement
from dog.offline.history.pitches import Pitches
from dog.offline.statistics.discrimination import Floats, auc, ranks
from dog.offline.statistics.intervals import Estimate, bootstrap

TRIED: Mapping[str, Mapping[str, Any]] = {
    "explore = 0": {"explore": 0.0},
    'neutral = "product" and explore = 0': {"neutral": "product", "explore": 0.0},
    'neutral = "score" and explore = 0': {"neutral": "score", "explore": 0.0},
    "a_max = 1.5, d_min = 0.7 and explore = 0": {"a_max": 1.5, "d_min": 0.7, "explore": 0.0},
}

Alternatives = Mapping[str, Callable[[], Floats]]
"""By settings: replays the history and returns the multiplier at each pitch, shape (pitches,)."""


@dataclass(frozen=True, slots=True)
class BetterSettings:
    """The best of the settings tried, and what its multipliers add to the score's AUC.

    `gain` is over pitches whose pair has a past, `gain_all` over all pitches with a score.
    """

    settings: str
    gain: Estimate
    gain_all: Estimate


def alternatives_to(settings: Reinforcement, replay: Callable[[Reinforcement], Floats]) -> Alternatives:
    """Return the settings worth trying instead; `replay` returns the multiplier at each pitch."""
    tried = {label: replace(settings, **changes) for label, changes in TRIED.items()}
    return {label: partial(replay, changed) for label, changed in tried.items() if changed != settings}


def best_alternative(
    pitches: Pitches, score: Floats, seen: NDArray[np.bool_], alternatives: Alternatives
) -> BetterSettings | None:
    """Return the settings whose multipliers add most to the AUC of the consolidated score; None without alternatives.

    `score` is NaN where there is none; `seen` marks pitches with a score whose pair has a past; shape (pitches,).
    """
    known = ~np.isnan(score)
    some = pitches.where(known)
    found = {label: replay() for label, replay in alternatives.items()}
    if not found:
        return None
    best = max(found, key=lambda label: auc(some.won, ranks(score[known] * found[label][known])))
    multiplier = found[best]
    return BetterSettings(
        best,
        gain_of(pitches.where(seen), score[seen], multiplier[seen]),
        gain_of(some, score[known], multiplier[known]),
    )


def gain_of(pitches: Pitches, base: Floats, multiplier: Floats) -> Estimate:
    """Estimate what a multiplier adds to the AUC of the score that it multiplies."""
    plain, both = ranks(base), ranks(base * multiplier)
    return bootstrap(
        pitches.contact, lambda weights: auc(pitches.won, both, weights) - auc(pitches.won, plain, weights)
    )
