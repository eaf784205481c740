"""All figures of one prediction over a set of pitches, and over groups of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dog.offline.statistics.discrimination import Floats, GainCurve, draw_auc, gain_curve, rank
from dog.offline.statistics.intervals import (
    DEFAULT_REPLICATES,
    Clusters,
    Drawn,
    Estimate,
    bootstrap,
    bootstrap_mean,
)
from dog.offline.statistics.list_quality import list_qualities
from dog.offline.statistics.probabilities import (
    CalibrationCurve,
    Residuals,
    calibration_curve,
    draw_calibration_errors,
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


def measure_prediction(clusters: Clusters, won: Floats, told: Prediction) -> PredictionQuality | None:
    """Measure a prediction; None where it covers no win or no loss."""
    known = ~np.isnan(told.order)
    clusters, won, told = clusters.where(known), won[known], told.where(known)
    if not 0 < won.sum() < len(won):
        return None
    figures = _core_figures(clusters, won, told)
    qualities = list_qualities(number_contact_weeks(clusters), won, told.order, LIST_LENGTHS)
    of_list = clusters.where(qualities[0].first_row)
    figures["auc_within_contact_week"] = bootstrap_mean(of_list, qualities[0].auc)
    for k, quality in zip(LIST_LENGTHS, qualities, strict=True):
        for name in ("precision", "recall", "ndcg"):
            figures[f"{name}_at_{k}"] = bootstrap_mean(of_list, getattr(quality, name))
    return PredictionQuality(
        pitches=len(won),
        contact_weeks=len(qualities[0].lists),
        figures=figures,
        calibration=calibration_curve(won, told.chance),
        gain=gain_curve(won, told.order),
        residuals=residuals(won, told.chance),
    )


def _core_figures(
    clusters: Clusters, won: Floats, told: Prediction, replicates: int = DEFAULT_REPLICATES
) -> dict[str, Estimate]:
    chances, ranked = told.chance, rank(won, told.order)
    bins = rate_bins(chances)

    def draw_errors(drawn: Drawn) -> Floats:
        return draw_calibration_errors(won, chances, bins, drawn.position, drawn.times)

    return {
        "auc": bootstrap(clusters, lambda drawn: draw_auc(ranked, drawn.position, drawn.times), replicates),
        "brier": bootstrap_mean(clusters, squared_errors(won, chances), replicates),
        "log_loss": bootstrap_mean(clusters, log_losses(won, chances), replicates),
        "calibration_error": bootstrap(clusters, draw_errors, replicates),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupQuality:
    """Figures by prediction over the pitches of a product, category or segment; their intervals are by contacts."""

    name: str
    pitches: int
    win_rate: float
    figures: Mapping[str, Mapping[str, Estimate]]


def measure_groups(
    contact: NDArray[np.int64],
    won: Floats,
    predictions: Mapping[str, Prediction],
    group: NDArray[np.int64],
    names: Sequence[str],
) -> list[GroupQuality]:
    """Measure predictions in up to 30 groups of at least 100 pitches, the largest first.

    `contact` and `group` are the numbers of each pitch's contact and group, whose name is empty where it is none.
    """
    counts = np.bincount(group, minlength=len(names)).tolist()
    known = sorted(number for number, name in enumerate(names) if name and counts[number] >= MIN_GROUP_PITCHES)
    largest = sorted(known, key=lambda number: (-counts[number], names[number]))[:MAX_GROUPS]
    order = np.argsort(group, kind="stable")
    ends = np.cumsum(counts)
    groups = []
    for number in largest:
        inside = order[ends[number] - counts[number] : ends[number]]
        figures = {}
        for prediction, told in predictions.items():
            rows = inside[~np.isnan(told.order[inside])]
            if 0 < won[rows].sum() < len(rows):
                clusters = Clusters(contact[rows])
                figures[prediction] = _core_figures(clusters, won[rows], told.where(rows), GROUP_REPLICATES)
        rate = float(won[inside].mean())
        groups.append(GroupQuality(name=names[number], pitches=len(inside), win_rate=rate, figures=figures))
    return groups
