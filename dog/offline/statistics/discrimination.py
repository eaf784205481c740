"""Whether a score ranks wins before losses: AUC, lift, gain.

`wins` is 1 or 0 for each pitch, `scores` are higher where a win is expected, `weights` say how often each pitch counts
(once by default): a bootstrap counts whole contacts several times or not at all. Shape (pitches,) each.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def ranks(scores: Floats) -> NDArray[np.int64]:
    """Rank scores from the lowest, ties alike, so that a bootstrap sorts them only once.

    Examples
    --------
    >>> ranks(np.array([0.5, 0.1, 0.5])).tolist()
    [1, 0, 1]

    """
    return np.unique(scores, return_inverse=True)[1].astype(np.int64)


def auc(wins: Floats, rank: NDArray[np.int64], weights: Floats | None = None) -> float:
    """Return the area under the ROC curve: the probability that a win scores above a loss, ties counting half.

    `rank` comes from `ranks`. In [0, 1], 0.5 for guessing; NaN where there are only wins or only losses.

    References
    ----------
    Hanley, McNeil 1982, "The meaning and use of the area under a ROC curve": the Mann-Whitney statistic.

    Examples
    --------
    >>> auc(np.array([0.0, 0.0, 1.0, 1.0]), ranks(np.array([0.1, 0.4, 0.35, 0.8])))
    0.75

    """
    weights = np.ones(len(wins)) if weights is None else weights
    won = np.bincount(rank, weights * wins)
    lost = np.bincount(rank, weights * (1 - wins))
    pairs = won.sum() * lost.sum()
    return float(won @ (np.cumsum(lost) - lost / 2) / pairs) if pairs > 0 else float("nan")


@dataclass(frozen=True, slots=True)
class GroupRanks:
    """Scores ranked inside groups: index of each pitch's rank, shape (pitches,), and the group of each rank."""

    place: NDArray[np.int64]
    group: NDArray[np.int64]


def ranks_within(scores: Floats, group: NDArray[np.int64]) -> GroupRanks:
    """Rank scores inside each group, such as a product, so that a bootstrap sorts them only once."""
    rank = ranks(scores)
    width = int(rank.max(initial=0)) + 1
    key, place = np.unique(group * width + rank, return_inverse=True)
    return GroupRanks(place.astype(np.int64), np.unique(key // width, return_inverse=True)[1].astype(np.int64))


def auc_within(wins: Floats, within: GroupRanks, weights: Floats | None = None) -> float:
    """Return the area under the ROC curve between pitches of the same group only.

    A score that is constant within every group gives 0.5.

    Examples
    --------
    >>> wins, group = np.array([0.0, 1.0, 0.0, 1.0]), np.array([0, 0, 1, 1])
    >>> auc_within(wins, ranks_within(np.array([0.1, 0.1, 0.9, 0.9]), group))
    0.5
    >>> auc_within(wins, ranks_within(np.array([0.7, 0.8, 0.1, 0.9]), group))
    1.0

    """
    weights = np.ones(len(wins)) if weights is None else weights
    won, lost = np.bincount(within.place, weights * wins), np.bincount(within.place, weights * (1 - wins))
    won_in, lost_in = np.bincount(within.group, won), np.bincount(within.group, lost)
    before = np.cumsum(lost) - (np.cumsum(lost_in) - lost_in)[within.group]
    pairs = float(won_in @ lost_in)
    return float(won @ (before - lost / 2) / pairs) if pairs > 0 else float("nan")


@dataclass(frozen=True, slots=True)
class GainCurve:
    """Share of the wins among the best scored pitches; shape (points,) each.

    `share` of the pitches, best scores first; `gain`, the share of all wins among them; `lift`, gain over share.
    """

    share: Floats
    gain: Floats
    lift: Floats


def gain_curve(wins: Floats, scores: Floats, points: int = 10) -> GainCurve:
    """Return the gain curve at `points` evenly spaced shares; ties share their wins evenly.

    Examples
    --------
    >>> curve = gain_curve(np.array([0.0, 0.0, 0.0, 1.0]), np.array([0.1, 0.2, 0.3, 0.9]), points=4)
    >>> curve.gain.tolist(), curve.lift.tolist()
    ([1.0, 1.0, 1.0, 1.0], [4.0, 2.0, 1.3333333333333333, 1.0])

    """
    rank = ranks(-scores)
    pitched = np.concatenate([[0.0], np.cumsum(np.bincount(rank))]) / len(wins)
    won = np.concatenate([[0.0], np.cumsum(np.bincount(rank, wins))]) / max(1.0, float(wins.sum()))
    share = np.arange(1, points + 1) / points
    gain = np.interp(share, pitched, won)
    return GainCurve(share, gain, gain / share)
