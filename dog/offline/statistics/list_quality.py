"""Whether a score ranks well inside short lists, such as what one contact was pitched in one week."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dog.offline.statistics.discrimination import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class ListQuality:
    """Quality of each list's k best; shape (lists,) each.

    `lists` are the numbers of the lists, ascending, `first_row` a row of each, to look up its contact and week. `auc`
    is the chance that a win of the list scores above a loss of it, for every k. `precision` is the share of the k
    places (or of a shorter list) that hold a win, `recall` the share of the list's wins among them, `ndcg` the gain
    discounted by 1 / log2(rank + 1), over that of the ideal order.
    """

    lists: NDArray[np.int64]
    first_row: NDArray[np.int64]
    auc: Floats
    precision: Floats
    recall: Floats
    ndcg: Floats


def list_quality(lists: NDArray[np.int64], wins: Floats, scores: Floats, k: int) -> ListQuality:
    """Measure precision, recall, NDCG at k and AUC of each list that holds both wins and losses.

    `lists` numbers the list (a contact's week) of each pitch, shape (pitches,). Lists of wins alone or of losses alone
    say nothing about the order and are left out. Tied scores share their places evenly, so a score that is constant
    within a list is worth as much as a random order.

    References
    ----------
    Järvelin, Kekäläinen 2002, "Cumulated Gain-Based Evaluation of IR Techniques"; McSherry, Najork 2008, "Computing
    information retrieval performance measures efficiently in the presence of tied scores".

    Examples
    --------
    The win comes second of three, two are shown:

    >>> found = list_quality(np.zeros(3, int), np.array([0.0, 1.0, 0.0]), np.array([0.9, 0.5, 0.1]), 2)
    >>> found.precision.tolist(), found.recall.tolist(), found.ndcg.round(3).tolist(), found.auc.tolist()
    ([0.5], [1.0], [0.631], [0.5])

    """
    return list_qualities(lists, wins, scores, [k])[0]


def list_qualities(lists: NDArray[np.int64], wins: Floats, scores: Floats, lengths: Sequence[int]) -> list[ListQuality]:
    """Return what `list_quality` does for each of some k; pitches are sorted only once."""
    size, total = np.bincount(lists), np.bincount(lists, wins)
    told = np.flatnonzero(((total > 0) & (total < size))[lists])
    order = told[np.lexsort((-scores[told], lists[told]))]
    of, won = lists[order], wins[order]
    starts = np.flatnonzero(np.diff(of, prepend=-1))
    numbers, sizes = of[starts], size[of[starts]]
    which = np.repeat(np.arange(len(numbers)), sizes)
    place = np.arange(len(of)) - starts[which]
    wins_in, tie = total[numbers], _ties(of, scores[order])
    beaten = np.bincount(which, won * _losses_below(which, tie, 1 - won, np.asarray(sizes - wins_in)), len(numbers))
    auc = beaten / (wins_in * (sizes - wins_in))
    found = []
    for k in lengths:
        shown = (place < k).astype(np.float64)
        hits = np.bincount(which, won * _mean_by(tie, shown), len(numbers))
        gained = np.bincount(which, won * _mean_by(tie, shown / np.log2(place + 2.0)), len(numbers))
        ideal = np.concatenate([[0.0], np.cumsum(1 / np.log2(np.arange(2.0, k + 2)))])
        found.append(
            ListQuality(
                lists=numbers,
                first_row=order[starts],
                auc=auc,
                precision=hits / np.minimum(sizes, k),
                recall=hits / wins_in,
                ndcg=gained / ideal[np.minimum(wins_in, k).astype(np.int64)],
            )
        )
    return found


def _ties(lists: NDArray[np.int64], scores: Floats) -> NDArray[np.int64]:
    """Return the number of each run of equal scores in sorted lists."""
    begins = np.ones(len(lists), np.int64)
    begins[1:] = (np.diff(lists) != 0) | (np.diff(scores) != 0)
    return np.cumsum(begins) - 1


def _mean_by(group: NDArray[np.int64], values: Floats) -> Floats:
    """Return the mean of each value's group."""
    return np.asarray((np.bincount(group, values) / np.bincount(group))[group])


def _losses_below(which: NDArray[np.int64], tie: NDArray[np.int64], lost: Floats, lost_in: Floats) -> Floats:
    """Count the losses of the same list with lower scores, ties half; `lost_in` are the losses of each list."""
    in_tie = np.bincount(tie, lost)
    until = np.cumsum(in_tie)[tie] - (np.cumsum(lost_in) - lost_in)[which]
    return np.asarray(lost_in[which] - until + in_tie[tie] / 2)
