"""All figures of one prediction over a set of pitches, and over groups of them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dog.offline.history.pitches import Pitches
from dog.offline.statistics.discrimination import GainCurve, auc, gain_curve, ranks
from dog.offline.statistics.intervals import Clusters, Estimate, bootstrap, bootstrap_mean
from dog.offline.statistics.list_quality import list_quality
from dog.offline.statistics.probabilities import (
    CalibrationCurve,
    Residuals,
    calibration_curve,
    log_losses,
    rate_bins,
    residuals,
    squared_errors,
)
from dog.offline.statistics.score_change import Prediction, number_contact_weeks

LIST_LENGTHS = (1, 3, 10)
"""The k of precision, recall and NDCG at k."""
MIN_GROUP_PITCHES = 100
MAX_GROUPS = 30
GROUP_REPLICATES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictionQuality:
    """How good one prediction was on the `pitches` for which it had a value.

    `figures` holds AUC, Brier score, log loss and calibration error over all pitches; and, as means over the
    `contact_weeks` with wins and losses (what one contact was pitched in one week), `auc_within_contact_week`, and
    precision, recall and NDCG at k.
    """

    pitches: int
    contact_weeks: int
    figures: Mapping[str, Estimate]
    calibration: CalibrationCurve
    gain: GainCurve
    residuals: Residuals


def measure_prediction(pitches: Pitches, told: Prediction) -> PredictionQuality | None:
    """Measure a prediction; None where it covers no win or no loss."""
    known = ~np.isnan(told.order)
    some, told = pitches.where(known), told.where(known)
    if not 0 < some.won.sum() < len(some):
        return None
    figures, lists = _core_figures(some, told), number_contact_weeks(some.clusters)
    for k in LIST_LENGTHS:
        quality = list_quality(lists, some.won, told.order, k)
        clusters = some.clusters.where(quality.first_row)
        figures["auc_within_contact_week"] = bootstrap_mean(clusters, quality.auc)
        for name in ("precision", "recall", "ndcg"):
            figures[f"{name}_at_{k}"] = bootstrap_mean(clusters, getattr(quality, name))
    return PredictionQuality(
        pitches=len(some),
        contact_weeks=len(quality.lists),
        figures=figures,
        calibration=calibration_curve(some.won, told.chance),
        gain=gain_curve(some.won, told.order),
        residuals=residuals(some.won, told.chance),
    )


def _core_figures(some: Pitches, told: Prediction, replicates: int = 200, *, weeks: bool = True) -> dict[str, Estimate]:
    chances, rank = told.chance, ranks(told.order)
    bins = rate_bins(chances)
    clusters = some.clusters if weeks else Clusters(some.contact)
    return {
        "auc": bootstrap(clusters, lambda weights: auc(some.won, rank, weights), replicates),
        "brier": bootstrap_mean(clusters, squared_errors(some.won, chances), replicates),
        "log_loss": bootstrap_mean(clusters, log_losses(some.won, chances), replicates),
        "calibration_error": bootstrap(
            clusters, lambda weights: calibration_curve(some.won, chances, bins, weights).error, replicates
        ),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupQuality:
    """Figures by prediction over the pitches of a product, category or segment; their intervals are by contacts."""

    name: str
    pitches: int
    win_rate: float
    figures: Mapping[str, Mapping[str, Estimate]]


def measure_groups(
    pitches: Pitches, predictions: Mapping[str, Prediction], names: NDArray[np.str_]
) -> list[GroupQuality]:
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
        for prediction, told in predictions.items():
            chosen = inside & ~np.isnan(told.order)
            some = pitches.where(chosen)
            if 0 < some.won.sum() < len(some):
                figures[prediction] = _core_figures(some, told.where(chosen), GROUP_REPLICATES, weeks=False)
        won = pitches.won[inside]
        groups.append(GroupQuality(name=str(name), pitches=len(won), win_rate=float(won.mean()), figures=figures))
    return groups
