"""All figures of one prediction over a set of pitches, and over groups of them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dog.offline.history.pitches import Pitches
from dog.offline.statistics.discrimination import Floats, GainCurve, auc, gain_curve, list_quality, ranks
from dog.offline.statistics.intervals import Estimate, bootstrap, bootstrap_mean
from dog.offline.statistics.probabilities import (
    CalibrationCurve,
    Residuals,
    calibration_curve,
    log_losses,
    rate_bins,
    residuals,
    squared_errors,
)

LIST_LENGTHS = (1, 3, 10)
"""The k of precision, recall and NDCG at k."""
MIN_GROUP_PITCHES = 100
MAX_GROUPS = 30
GROUP_REPLICATES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictionQuality:
    """How good one prediction was on the `pitches` for which it had a value.

    `figures` holds AUC, Brier score, log loss, calibration error, and precision, recall and NDCG at k.
    """

    pitches: int
    figures: Mapping[str, Estimate]
    calibration: CalibrationCurve
    gain: GainCurve
    residuals: Residuals


def measure_prediction(pitches: Pitches, rates: Floats, lists: NDArray[np.int64]) -> PredictionQuality | None:
    """Measure predicted win rates; None where they cover no win or no loss.

    `rates` are NaN where unknown, shape (pitches,). A rate above 1 (by a multiplier) is ranked as it is, and counts as
    1 where a probability is needed. `lists` numbers the list of each pitch: what one contact was offered in one week.
    """
    known = ~np.isnan(rates)
    some, rates, lists = pitches.where(known), rates[known], lists[known]
    if not 0 < some.won.sum() < len(some):
        return None
    chances = np.clip(rates, 0.0, 1.0)
    figures = _core_figures(some, rates)
    for k in LIST_LENGTHS:
        quality = list_quality(lists, some.won, rates, k)
        contact = some.contact[np.unique(lists, return_index=True)[1][np.searchsorted(np.unique(lists), quality.lists)]]
        for name in ("precision", "recall", "ndcg"):
            figures[f"{name}_at_{k}"] = bootstrap_mean(contact, getattr(quality, name))
    return PredictionQuality(
        pitches=len(some),
        figures=figures,
        calibration=calibration_curve(some.won, chances),
        gain=gain_curve(some.won, rates),
        residuals=residuals(some.won, chances),
    )


def _core_figures(some: Pitches, rates: Floats, replicates: int = 200) -> dict[str, Estimate]:
    chances, rank = np.clip(rates, 0.0, 1.0), ranks(rates)
    bins = rate_bins(chances)
    return {
        "auc": bootstrap(some.contact, lambda weights: auc(some.won, rank, weights), replicates),
        "brier": bootstrap_mean(some.contact, squared_errors(some.won, chances), replicates),
        "log_loss": bootstrap_mean(some.contact, log_losses(some.won, chances), replicates),
        "calibration_error": bootstrap(
            some.contact, lambda weights: calibration_curve(some.won, chances, bins, weights).error, replicates
        ),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupQuality:
    """Figures by prediction over the pitches of a product, category or segment."""

    name: str
    pitches: int
    win_rate: float
    figures: Mapping[str, Mapping[str, Estimate]]


def measure_groups(pitches: Pitches, predictions: Mapping[str, Floats], names: NDArray[np.str_]) -> list[GroupQuality]:
    """Measure predictions in up to 30 groups of at least 100 pitches, the largest first.

    `names` is the group of each pitch, empty where it has none.
    """
    known, counts = np.unique(names[names != ""], return_counts=True)
    largest = [name for name, count in zip(known, counts, strict=True) if count >= MIN_GROUP_PITCHES]
    largest.sort(key=lambda name: -int(counts[np.searchsorted(known, name)]))
    groups = []
    for name in largest[:MAX_GROUPS]:
        inside = names == name
        figures = {}
        for prediction, rates in predictions.items():
            chosen = inside & ~np.isnan(rates)
            some = pitches.where(chosen)
            if 0 < some.won.sum() < len(some):
                figures[prediction] = _core_figures(some, rates[chosen], GROUP_REPLICATES)
        won = pitches.won[inside]
        groups.append(GroupQuality(name=str(name), pitches=len(won), win_rate=float(won.mean()), figures=figures))
    return groups
