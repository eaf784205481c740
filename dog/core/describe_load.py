"""Describe how the scores of a load are spread, wherever its parts lie: in memory, or in partitions of the store.

Three passes: count the scores by coarse bins; collect those of the bins that hold the points of the ranks; sum their
places on each axis. What a pass finds in a part is exact and is added up in any order, so that a load has the same
description in however many parts it is read. Scores that change between the passes make it inexact, and nothing else:
the load is described again after every change.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import add

import numpy as np

from dog.core.log_odds import logit
from dog.core.mergeable_sums import NO_MOMENTS, ExactMoments, Tally, moments, tally
from dog.core.score_axes import Axis, Load, axis_values

LARGEST = 1e30
"""Larger scores count as this one: their squares have to be numbers, too."""
SMALLEST = 1e-290
"""Scores closer to 0 count as 0 in ranks: a step between them is too small to divide by."""
BIN_BITS = 20
"""Bits of a score that number its bin: a bin has 4,096 distinct 32-bit floats at most."""
FEW = 100_000
"""Up to here scores are counted by sorting their bins; from here on in an array of all bins."""
LEVELS = 65
"""Points at which the ranks of a load are kept, evenly spaced in log odds; between them a rank is interpolated."""

AxisSums = Mapping[Axis, ExactMoments]


def describe_load(scores: np.ndarray) -> Load:
    """Describe the scores of a load, shape (scores,), at least one, no NaN; their order makes no difference.

    Examples
    --------
    >>> load = describe_load(np.array([0.1, 0.2, 0.4]))
    >>> load.usual, [axis for axis in load.scales]
    ('log_odds', ['log_odds', 'identity', 'log', 'rank'])

    """
    counts = count_scores(scores)
    ranked = rank_scores(counts, collect_scores(scores, counts.bins_of_points()))
    return scale_load(ranked, sum_axes(scores, ranked))


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreCounts:
    """The lowest and highest of some scores, the smallest positive one (infinite where none is), counts by bin."""

    low: float
    high: float
    floor: float
    bins: Tally

    def __add__(self, other: "ScoreCounts") -> "ScoreCounts":
        return ScoreCounts(
            low=min(self.low, other.low),
            high=max(self.high, other.high),
            floor=min(self.floor, other.floor),
            bins=self.bins + other.bins,
        )

    def bins_of_points(self) -> np.ndarray:
        """Return the bins in which the scores lie between which the ranks' points are interpolated."""
        ends = np.cumsum(self.bins.counts)
        return np.unique(self.bins.values[np.searchsorted(ends, _neighbours(int(ends[-1])), side="right")])


def count_scores(scores: np.ndarray) -> ScoreCounts:
    """Count scores."""
    bounded = _bounded(scores)
    positive = bounded[bounded > 0]
    return ScoreCounts(
        low=float(bounded.min(initial=np.inf)),
        high=float(bounded.max(initial=-np.inf)),
        floor=float(positive.min(initial=np.inf)),
        bins=_count_bins(bounded),
    )


def collect_scores(scores: np.ndarray, bins: np.ndarray) -> Tally:
    """Count the distinct scores that lie in some bins."""
    bounded, wanted = _bounded(scores), np.zeros(1 << BIN_BITS, bool)
    wanted[bins] = True
    return tally(bounded[wanted[_bin_numbers(bounded)]])


def rank_scores(counts: ScoreCounts, collected: Tally) -> Load:
    """Return a load without scales, given the counts of its scores and those of the bins of its points."""
    count = counts.bins.total
    levels, places = _points(count)
    neighbours = _neighbours(count)
    starts = np.cumsum(counts.bins.counts) - counts.bins.counts
    numbers = _bin_numbers(collected.values)
    ends = np.cumsum(collected.counts)
    first = np.searchsorted(numbers, numbers)  # the place of the first score of the same bin
    before = starts[np.searchsorted(counts.bins.values, numbers)] - (ends - collected.counts)[first]
    known = np.append(collected.values, counts.high)[np.searchsorted(ends + before, neighbours, side="right")]
    scores = np.interp(places, neighbours, known)
    scores[np.abs(scores) < SMALLEST] = 0.0
    points, group = np.unique(scores, return_inverse=True)
    own_levels = np.bincount(group, levels) / np.bincount(group)
    return Load(
        count=count,
        floor=counts.floor if np.isfinite(counts.floor) else 0.0,
        scales=dict.fromkeys(_suited_axes(counts), (counts.low, counts.high)),  # the bounds of the sums
        scores=tuple(points.tolist()),
        levels=tuple(own_levels.tolist()),
    )


def sum_axes(scores: np.ndarray, ranked: Load) -> AxisSums:
    """Sum the places of scores on each axis of what `rank_scores` returned."""
    bounded = _bounded(scores)
    return {axis: moments(axis_values(bounded, ranked, axis), *_bounds(ranked, axis)) for axis in ranked.scales}


def add_axis_sums(parts: Iterable[AxisSums], ranked: Load) -> AxisSums:
    """Add the sums of several parts."""
    every = list(parts)
    return {axis: reduce(add, (part[axis] for part in every), NO_MOMENTS) for axis in ranked.scales}


def scale_load(ranked: Load, sums: AxisSums) -> Load:
    """Return the whole description of a load, given the sums over all its scores."""
    return replace(ranked, scales={axis: found.spread(*_bounds(ranked, axis)) for axis, found in sums.items()})


def _bounds(ranked: Load, axis: Axis) -> tuple[float, float]:
    low, high = axis_values(np.array(ranked.scales[axis]), ranked, axis).tolist()
    return low, high


def _suited_axes(counts: ScoreCounts) -> Sequence[Axis]:
    """Return the axes that suit the scores, the usual one first."""
    if counts.low >= 0 and counts.high <= 1:
        return ("log_odds", "identity", "log", "rank") if counts.low > 0 else ("log_odds", "identity", "rank")
    return ("log", "identity", "rank") if counts.low > 0 else ("rank", "identity")


def _bounded(scores: np.ndarray) -> np.ndarray:
    return np.clip(np.asarray(scores, np.float64), -LARGEST, LARGEST)


def _bin_numbers(scores: np.ndarray) -> np.ndarray:
    """Return the bins of scores in their order, from 0: the first `BIN_BITS` of their 32-bit floats."""
    half = 1 << (BIN_BITS - 1)
    bits = (scores.astype(np.float32) + np.float32(0.0)).view(np.int32) >> (32 - BIN_BITS)  # -0 becomes 0
    return np.where(bits < 0, -1 - half - bits, bits) + half


def _count_bins(scores: np.ndarray) -> Tally:
    numbers = _bin_numbers(scores)
    if len(numbers) <= FEW:
        return tally(numbers)
    counts = np.bincount(numbers)
    bins = np.flatnonzero(counts)
    return Tally(bins, counts[bins])


def _points(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the levels of the ranks' points, and their places among the scores in order, from 0."""
    outermost = float(logit(1 - 0.5 / count)) if count > 1 else 0.0
    levels = np.linspace(-outermost, outermost, LEVELS)
    return levels, np.clip(count / (1 + np.exp(-levels)) - 0.5, 0, count - 1)


def _neighbours(count: int) -> np.ndarray:
    """Return the places of the scores next to the points, ascending."""
    places = _points(count)[1]
    return np.unique(np.concatenate([np.floor(places), np.ceil(places)])).astype(np.int64)
