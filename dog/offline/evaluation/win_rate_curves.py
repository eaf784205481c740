"""Two curves: the next win rate by the past one, and the error of a pair's predicted rate by the pitches seen."""

import itertools
from dataclasses import dataclass

import numpy as np

from dog.offline.history.pitches import PastRecord, Pitches
from dog.offline.replay.weekly_multipliers import WeeklyMultipliers
from dog.offline.statistics.intervals import Estimate, bootstrap_mean
from dog.offline.statistics.probabilities import squared_errors

RATE_STEPS = (0.0, 0.05, 0.1, 0.2, 0.35, 0.5, 1.0)
SEEN_STEPS = (0, 1, 2, 3, 5, 10, 20)
"""Lower bounds of the classes of the few-shot curve, in resolved pitches of the pair."""


@dataclass(frozen=True, slots=True)
class PitchClass:
    """A class of pitches, as one point of a curve: its size, and figures with their intervals."""

    label: str
    pitches: int
    figures: dict[str, Estimate]


def next_rates(pitches: Pitches, past: PastRecord) -> list[PitchClass]:
    """Return the next win rate by the raw past win rate of the pair; pitches without a past come first."""
    rate = np.divide(past.wins, past.pitches, out=np.full(len(pitches), -1.0), where=past.pitches > 0)
    classes = [("none yet", rate < 0), ("0", rate == 0)]
    for low, high in itertools.pairwise(RATE_STEPS):
        classes.append((f"{low:.0%} to {high:.0%}", (rate > low) & (rate <= high)))
    return [
        PitchClass(
            label,
            int(chosen.sum()),
            {"next_rate": bootstrap_mean(pitches.clusters.where(chosen), pitches.won[chosen])},
        )
        for label, chosen in classes
        if chosen.any()
    ]


def few_shot_curve(pitches: Pitches, past: PastRecord, replayed: WeeklyMultipliers) -> list[PitchClass]:
    """Return the squared error of a pair's predicted rate by the number of its earlier pitches."""
    raw = np.divide(past.wins, past.pitches, out=replayed.product_rate.copy(), where=past.pitches > 0)
    rates = {"product's rate": replayed.product_rate, "raw rate": raw, "shrunk rate": replayed.win_rate}
    errors = {name: squared_errors(pitches.won, rate) for name, rate in rates.items()}
    curve = []
    for low, high in zip(SEEN_STEPS, (*SEEN_STEPS[1:], np.inf), strict=True):
        chosen = (past.pitches >= low) & (past.pitches < high)
        if chosen.any():
            label = f"{low}" if high == low + 1 else f"{low} or more" if high == np.inf else f"{low} to {high - 1:.0f}"
            clusters = pitches.clusters.where(chosen)
            figures = {name: bootstrap_mean(clusters, error[chosen]) for name, error in errors.items()}
            curve.append(PitchClass(label, int(chosen.sum()), figures))
    return curve
