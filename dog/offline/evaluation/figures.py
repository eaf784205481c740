"""All figures of one prediction over a set of pitches, and of every group they fall into."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dog.offline.evaluation.discrimination import Floats, GainCurve, auc, gain_curve, list_quality, ranks
from dog.offline.evaluation.intervals import Estimate, bootstrap, bootstrap_mean
from dog.offline.evaluation.pitches import Pitches
from dog.offline.evaluation.probabilities import (
    CalibrationCurve,
    Residuals,
    calibration_curve,
    log_losses,
    rate_bins,
    residuals,
    squared_errors,
)

AT = (1, 3, 10)
"""Lengths of the lists whose precision, recall and NDCG are told."""
LEAST_GROUP_PITCHES = 100
LARGEST_GROUPS = 30
GROUP_REPLICATES = 100


@dataclass(frozen=True, slots=True)
class Judged:
    """How good one prediction was.

    Parameters
    ----------
    pitches
        On how many it said something; only these count.
    figures
        AUC, Brier score, log loss, calibration error, precision, recall and NDCG at k, each with interval.
    calibration, gain, residuals
        As curves and numbers.

    """

    pitches: int
    figures: Mapping[str, Estimate]
    calibration: CalibrationCurve
    gain: GainCurve
    residuals: Residuals


def judge(pitches: Pitches, rates: Floats, lists: NDArray[np.int64]) -> Judged | None:
    """Judge predicted win rates; None where they say something of no win or no loss.

    Parameters
    ----------
    pitches
        The history.
    rates
        Predicted win rate at each pitch, NaN where nothing is said; above 1 (by a multiplier) counts as 1 where
        it is read as a chance, as it is where it is ranked. Shape (pitches,).
    lists
        Number of the list that each pitch belongs to: what one contact was offered in one week.

    """
    known = ~np.isnan(rates)
    some, rates, lists = pitches.where(known), rates[known], lists[known]
    if not 0 < some.won.sum() < len(some):
        return None
    chances = np.clip(rates, 0.0, 1.0)
    figures = _core_figures(some, rates)
    for k in AT:
        quality = list_quality(lists, some.won, rates, k)
        contact = some.contact[np.unique(lists, return_index=True)[1][np.searchsorted(np.unique(lists), quality.lists)]]
        for name in ("precision", "recall", "ndcg"):
            figures[f"{name}_at_{k}"] = bootstrap_mean(contact, getattr(quality, name))
    return Judged(
        len(some),
        figures,
        calibration_curve(some.won, chances),
        gain_curve(some.won, rates),
        residuals(some.won, chances),
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


@dataclass(frozen=True, slots=True)
class Group:
    """The figures of some pitches: of a product, a category, a segment."""

    name: str
    pitches: int
    win_rate: float
    figures: Mapping[str, Mapping[str, Estimate]]


def judge_groups(pitches: Pitches, predictions: Mapping[str, Floats], names: NDArray[np.str_]) -> Sequence[Group]:
    """Judge predictions in each of the largest groups that hold both wins and losses.

    Parameters
    ----------
    pitches, predictions
        The history and, by name, predicted win rates of shape (pitches,).
    names
        Group of each pitch, empty where it has none.

    Returns
    -------
    Up to 30 groups of at least 100 pitches, the largest first.

    """
    known, counts = np.unique(names[names != ""], return_counts=True)
    largest = [name for name, count in zip(known, counts, strict=True) if count >= LEAST_GROUP_PITCHES]
    largest.sort(key=lambda name: -int(counts[np.searchsorted(known, name)]))
    groups = []
    for name in largest[:LARGEST_GROUPS]:
        inside = names == name
        figures = {}
        for prediction, rates in predictions.items():
            chosen = inside & ~np.isnan(rates)
            some = pitches.where(chosen)
            if 0 < some.won.sum() < len(some):
                figures[prediction] = _core_figures(some, rates[chosen], GROUP_REPLICATES)
        groups.append(Group(str(name), int(inside.sum()), float(pitches.won[inside].mean()), figures))
    return groups
