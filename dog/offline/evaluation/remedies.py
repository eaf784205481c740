"""Other settings of the multipliers, tried on the same history, for where those in force do harm."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dog.core.learning.reinforcement_settings import Reinforcement
from dog.offline.evaluation.discrimination import Floats, auc, ranks
from dog.offline.evaluation.intervals import Estimate, bootstrap
from dog.offline.evaluation.pitches import Pitches

TRIED: Mapping[str, Mapping[str, Any]] = {
    "explore = 0": {"explore": 0.0},
    'neutral = "product" and explore = 0': {"neutral": "product", "explore": 0.0},
    'neutral = "score" and explore = 0': {"neutral": "score", "explore": 0.0},
    "a_max = 1.5, d_min = 0.7 and explore = 0": {"a_max": 1.5, "d_min": 0.7, "explore": 0.0},
}

Remedies = Mapping[str, Callable[[], Floats]]
"""By what to set: walks the history again, giving the multiplier that each pitch would have met."""


@dataclass(frozen=True, slots=True)
class Remedy:
    """The best of the settings tried.

    Parameters
    ----------
    settings
        What to set.
    gain, gain_all
        What multipliers then add to the score's AUC, where a pair has a past, and over all pitches with a score.

    """

    settings: str
    gain: Estimate
    gain_all: Estimate


def remedies_of(settings: Reinforcement, walk: Callable[[Reinforcement], Floats]) -> Remedies:
    """Make ready what can be tried instead of some settings; `walk` gives the multiplier that each pitch would meet."""
    tried = {label: replace(settings, **changes) for label, changes in TRIED.items()}
    return {label: partial(walk, changed) for label, changed in tried.items() if changed != settings}


def best_remedy(pitches: Pitches, score: Floats, seen: NDArray[np.bool_], remedies: Remedies) -> Remedy | None:
    """Find the settings whose multipliers add most to the score's AUC over all pitches with a score.

    Parameters
    ----------
    pitches, score
        The history, and the consolidated score at each pitch, NaN where none, shape (pitches,).
    seen
        Pitches with a score whose pair has a past.
    remedies
        What to try; None is found where there are none.

    """
    known = ~np.isnan(score)
    some = pitches.where(known)
    found = {label: walk() for label, walk in remedies.items()}
    if not found:
        return None
    best = max(found, key=lambda label: auc(some.won, ranks(score[known] * found[label][known])))
    multiplier = found[best]
    return Remedy(
        best,
        gain_of(pitches.where(seen), score[seen], multiplier[seen]),
        gain_of(some, score[known], multiplier[known]),
    )


def gain_of(pitches: Pitches, base: Floats, multiplier: Floats) -> Estimate:
    """Tell what the multiplier adds to the AUC of what it multiplies."""
    plain, both = ranks(base), ranks(base * multiplier)
    return bootstrap(
        pitches.contact, lambda weights: auc(pitches.won, both, weights) - auc(pitches.won, plain, weights)
    )
