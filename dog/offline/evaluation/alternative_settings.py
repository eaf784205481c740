"""Other multiplier settings tried on the same history, for where the active ones do harm."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dog.core.learning.reinforcement_settings import Reinforcement
from dog.offline.history.pitches import Pitches
from dog.offline.statistics.intervals import Estimate
from dog.offline.statistics.score_change import Prediction, compare_predictions

NEARER_TO_ONE: Mapping[str, Any] = {"a_max": 1.5, "d_min": 0.7, "explore": 0.0}
TRIED: Mapping[str, Mapping[str, Any]] = {
    "explore = 0": {"explore": 0.0},
    'neutral = "product" and explore = 0': {"neutral": "product", "explore": 0.0},
    'neutral = "score" and explore = 0': {"neutral": "score", "explore": 0.0},
    "a_max = 1.5, d_min = 0.7 and explore = 0": NEARER_TO_ONE,
    'neutral = "expected" with its defaults': {
        name: getattr(Reinforcement(), name)
        for name in ("neutral", "on", "family", "rate", "trust", "a_max", "d_min", "explore")
    },
}
"""What is tried for curves over win rates."""
TRIED_BY_EXPECTED_WINS: Mapping[str, Mapping[str, Any]] = {
    "trust = 0": {"trust": 0.0},
    "a_max = 1.5, d_min = 0.7 and explore = 0": NEARER_TO_ONE,
}

Alternatives = Mapping[str, Callable[[], Prediction]]
"""By settings: replays the history and returns what the policy would have said of each pitch."""


@dataclass(frozen=True, slots=True)
class BetterSettings:
    """The best of the settings tried, and what its multipliers add to the score's AUC.

    `gain` is over pitches whose pair has a past, `gain_all` over all pitches with a score.
    """

    settings: str
    gain: Estimate
    gain_all: Estimate


def alternatives_to(settings: Reinforcement, replay: Callable[[Reinforcement], Prediction]) -> Alternatives:
    """Return the settings worth trying instead; `replay` returns what they would have said of each pitch."""
    changes = TRIED_BY_EXPECTED_WINS if settings.neutral == "expected" else TRIED
    tried = {label: replace(settings, **changed) for label, changed in changes.items()}
    return {label: partial(replay, changed) for label, changed in tried.items() if changed != settings}


def best_alternative(
    pitches: Pitches, score: Prediction, seen: NDArray[np.bool_], alternatives: Alternatives
) -> BetterSettings | None:
    """Return the settings whose multipliers add most to the AUC of the consolidated score; None without alternatives.

    Settings that harm a ranking come last. `score` is NaN where there is none; `seen` marks pitches with a score whose
    pair has a past, shape (pitches,).
    """
    found = {label: replay() for label, replay in alternatives.items()}
    if not found:
        return None
    changes = {label: compare_predictions(pitches.clusters, pitches.won, score, told) for label, told in found.items()}
    best = max(changes, key=lambda label: (not changes[label].ranks_worse(), changes[label].auc.value))
    some = pitches.where(seen)
    on_seen = compare_predictions(some.clusters, some.won, score.where(seen), found[best].where(seen))
    return BetterSettings(best, on_seen.auc, changes[best].auc)
