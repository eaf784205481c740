"""Other multiplier settings tried on the same history, for where the active ones do harm."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dog.core.learning.reinforcement_settings import Reinforcement
from dog.offline.evaluation.works import Run, run_in_turn
from dog.offline.statistics.discrimination import Floats
from dog.offline.statistics.intervals import Clusters, Estimate
from dog.offline.statistics.score_change import Prediction, ScoreChange, compare_predictions

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
    clusters: Clusters,
    won: Floats,
    score: Prediction,
    seen: NDArray[np.bool_],
    alternatives: Alternatives,
    run: Run = run_in_turn,
) -> BetterSettings | None:
    """Return the settings whose multipliers add most to the AUC of the consolidated score; None without alternatives.

    Settings that harm a ranking come last. `score` is NaN where there is none; `seen` marks pitches with a score whose
    pair has a past, shape (pitches,).
    """
    if not alternatives:
        return None
    works = [partial(_changes, clusters, won, score, seen, replay) for replay in alternatives.values()]
    changes = dict(zip(alternatives, run(works), strict=True))
    best = max(changes, key=lambda label: (not changes[label][0].ranks_worse(), changes[label][0].auc.value))
    on_all, on_seen = changes[best]
    return BetterSettings(best, on_seen.auc, on_all.auc)


def _changes(
    clusters: Clusters, won: Floats, score: Prediction, seen: NDArray[np.bool_], replay: Callable[[], Prediction]
) -> tuple[ScoreChange, ScoreChange]:
    """Return what settings change on all pitches, and on those whose pair has a past."""
    told = replay()
    on_all = compare_predictions(clusters, won, score, told)
    return on_all, compare_predictions(clusters.where(seen), won[seen], score.where(seen), told.where(seen))
