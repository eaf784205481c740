"""Does a score put wins before losses? Areas, lift, gain, and the quality of short lists.

`wins` is 1 or 0 for each pitch, `scores` are higher where a win is expected, `weights` say how often each pitch
counts (all once where not given): a bootstrap counts whole contacts several times or not at all.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def ranks(scores: Floats) -> NDArray[np.int64]:
    """Rank scores from the lowest, equal ones alike, so that a bootstrap sorts them only once.

    Examples
    --------
    >>> ranks(np.array([0.5, 0.1, 0.5])).tolist()
    [1, 0, 1]

    """
    return np.unique(scores, return_inverse=True)[1].astype(np.int64)


def auc(wins: Floats, rank: NDArray[np.int64], weights: Floats | None = None) -> float:
    """Measure the chance that a win scores above a loss, ties counting half: area under the ROC curve.

    Parameters
    ----------
    wins
        1 where won, 0 where lost, shape (pitches,).
    rank
        Rank of each score as told by `ranks`, same shape.
    weights
        How often each pitch counts, 0 or more, same shape.

    Returns
    -------
    In [0, 1], 0.5 for guessing; NaN where there are only wins or only losses.

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
class Within:
    """Scores ranked inside groups: place of each pitch among the ranks, shape (pitches,), and group of each rank."""

    place: NDArray[np.int64]
    group: NDArray[np.int64]


def ranks_within(scores: Floats, group: NDArray[np.int64]) -> Within:
    """Rank scores inside each group, such as a product's, so that a bootstrap sorts them only once."""
    rank = ranks(scores)
    width = int(rank.max(initial=0)) + 1
    key, place = np.unique(group * width + rank, return_inverse=True)
    return Within(place.astype(np.int64), np.unique(key // width, return_inverse=True)[1].astype(np.int64))


def auc_within(wins: Floats, within: Within, weights: Floats | None = None) -> float:
    """Measure the area under the curve between pitches of the same group alone.

    What groups have in common then says nothing: a score equal within every group gives 0.5.

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
    """What pitching only the best scored would have brought.

    Parameters
    ----------
    share
        Share of the pitches made, best scores first, in [0, 1], shape (points,).
    gain
        Share of all wins that lie among them, in [0, 1].
    lift
        Gain over share: how many times as many wins as pitching at random.

    """

    share: Floats
    gain: Floats
    lift: Floats


def gain_curve(wins: Floats, scores: Floats, points: int = 10) -> GainCurve:
    """Tell which share of the wins lies among each tenth of the best scored; ties share their wins evenly.

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


@dataclass(frozen=True, slots=True)
class ListQuality:
    """Quality of each list's k best; shape (lists,) each.

    Parameters
    ----------
    precision
        Share of the k places (or of the list, if shorter) that hold a win.
    recall
        Share of the list's wins that are among the k.
    ndcg
        Gain discounted by 1 / log2(rank + 1), over that of the ideal order.

    """

    lists: NDArray[np.int64]
    precision: Floats
    recall: Floats
    ndcg: Floats


def list_quality(lists: NDArray[np.int64], wins: Floats, scores: Floats, k: int) -> ListQuality:
    """Measure precision, recall and NDCG at k of each list that holds a win and something else to choose.

    Parameters
    ----------
    lists
        Number of the list (a contact's week) that each pitch belongs to, shape (pitches,). Lists without a win,
        and those of one pitch, say nothing of an order and are left out.
    wins, scores
        As everywhere; equal scores keep the order they come in.
    k
        Length of the list shown, 1 or more.

    Returns
    -------
    Figures of each list that is left, `lists` holding its number.

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
    return ListQuality(numbers[asked], hits / np.minimum(sizes, k), hits / total, gained / best)
