"""Whether a score ranks wins before losses: AUC, lift, gain, and the quality of short lists.

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


@dataclass(frozen=True, slots=True, kw_only=True)
class ListQuality:
    """Quality of each list's k best; shape (lists,) each.

    `precision` is the share of the k places (or of a shorter list) that hold a win, `recall` the share of the list's
    wins among them, `ndcg` the gain discounted by 1 / log2(rank + 1), over that of the ideal order.
    """

    lists: NDArray[np.int64]
    precision: Floats
    recall: Floats
    ndcg: Floats


def list_quality(lists: NDArray[np.int64], wins: Floats, scores: Floats, k: int) -> ListQuality:
    """Measure precision, recall and NDCG at k of each list.

    `lists` numbers the list (a contact's week) of each pitch, shape (pitches,). Lists without a win and lists of one
    pitch say nothing about the order and are left out. Tied scores keep their input order.

    References
    ----------
    Järvelin, Kekäläinen 2002, "Cumulated Gain-Based Evaluation of IR Techniques".

    Examples
    --------
    The win comes second of three, two are shown:

    >>> found = list_quality(np.zeros(3, int), np.array([0.0, 1.0, 0.0]), np.array([0.9, 0.5, 0.1]), 2)
    >>> found.precision.tolist(), found.recall.tolist(), found.ndcg.round(3).tolist()
    ([0.5], [1.0], [0.631])

    """
    order = np.lexsort((-scores, lists))
    of, won = lists[order], wins[order]
    numbers, starts, sizes = np.unique(of, return_index=True, return_counts=True)
    place = np.arange(len(of)) - np.repeat(starts, sizes)
    which = np.repeat(np.arange(len(numbers)), sizes)
    total = np.bincount(which, won, len(numbers))
    shown = place < k
    hits = np.bincount(which, won * shown, len(numbers))
    discount = 1 / np.log2(place + 2.0)
    gained = np.bincount(which, won * shown * discount, len(numbers))
    ideal = np.concatenate([[0.0], np.cumsum(1 / np.log2(np.arange(2.0, k + 2)))])
    asked = (total > 0) & (sizes > 1)
    total, hits, gained, sizes = total[asked], hits[asked], gained[asked], sizes[asked]
    best = ideal[np.minimum(total, k).astype(np.int64)]
    return ListQuality(
        lists=numbers[asked], precision=hits / np.minimum(sizes, k), recall=hits / total, ndcg=gained / best
    )
