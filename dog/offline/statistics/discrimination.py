"""Whether a score ranks wins before losses: AUC, lift, gain.

`wins` is 1 or 0 for each pitch, `scores` are higher where a win is expected, shape (pitches,) each. A bootstrap counts
whole contacts several times or not at all.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dog.core.kernels.draw_figures import draw_areas

Floats = NDArray[np.float64]


def ranks(scores: Floats) -> NDArray[np.int64]:
    """Rank scores from the lowest, ties alike.

    Examples
    --------
    >>> ranks(np.array([0.5, 0.1, 0.5])).tolist()
    [1, 0, 1]

    """
    return np.unique(scores, return_inverse=True)[1].astype(np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """Pitches in the order of their groups and, inside a group, of their scores; shape (pitches,) each.

    `rows` are their numbers, `won` says which were won; `ends_tie` and `ends_group` mark the last of one score and of a
    group.
    """

    rows: NDArray[np.int64]
    won: NDArray[np.bool_]
    ends_tie: NDArray[np.bool_]
    ends_group: NDArray[np.bool_]


def rank(wins: Floats, scores: Floats, group: NDArray[np.int64] | None = None) -> Ranked:
    """Sort pitches by score, inside each group (such as a product) where given: once for all samples of a bootstrap."""
    rows = np.argsort(scores) if group is None else np.lexsort((scores, group))
    last = np.ones(min(1, len(rows)), bool)
    ends_group = np.zeros(len(rows), bool) if group is None else np.append(np.diff(group[rows]) != 0, last)
    ends_group[-1:] = True
    ends_tie = np.append(np.diff(scores[rows]) != 0, last) | ends_group
    return Ranked(rows=rows, won=wins[rows] > 0, ends_tie=ends_tie, ends_group=ends_group)


def draw_auc(ranked: Ranked, position: NDArray[np.int32], times: NDArray[np.uint8]) -> Floats:
    """Return the area under the ROC curve in each sample: the probability that a win scores above a loss.

    Only wins and losses of one group are compared; ties count half. In [0, 1], 0.5 for guessing; NaN where there are
    only wins or only losses. `position` and `times` are those of `intervals.Drawn`. Areas are exact.

    References
    ----------
    Hanley, McNeil 1982, "The meaning and use of the area under a ROC curve": the Mann-Whitney statistic.

    """
    doubled, pairs = np.zeros((2, times.shape[1]), np.int64)
    draw_areas(position[ranked.rows], ranked.won, ranked.ends_tie, ranked.ends_group, times, doubled, pairs)
    return np.divide(doubled, 2 * pairs, out=np.full(len(pairs), np.nan), where=pairs > 0)


def auc(wins: Floats, scores: Floats, group: NDArray[np.int64] | None = None) -> float:
    """Return the area under the ROC curve, where given inside groups, as `draw_auc` does, of all pitches.

    Examples
    --------
    >>> wins = np.array([0.0, 0.0, 1.0, 1.0])
    >>> auc(wins, np.array([0.1, 0.4, 0.35, 0.8]))
    0.75

    A score that is constant within every group gives 0.5:

    >>> auc(wins, np.array([0.1, 0.9, 0.1, 0.9]), np.array([0, 1, 0, 1]))
    0.5

    """
    return float(draw_auc(rank(wins, scores, group), np.zeros(len(wins), np.int32), np.ones((1, 1), np.uint8))[0])


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
    place = ranks(-scores)
    pitched = np.concatenate([[0.0], np.cumsum(np.bincount(place))]) / len(wins)
    won = np.concatenate([[0.0], np.cumsum(np.bincount(place, wins))]) / max(1.0, float(wins.sum()))
    share = np.arange(1, points + 1) / points
    gain = np.interp(share, pitched, won)
    return GainCurve(share, gain, gain / share)
