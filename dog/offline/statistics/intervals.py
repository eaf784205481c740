"""95% intervals by the bootstrap: contacts are drawn whole and, apart from that, weeks.

Pitches to one contact are not independent, and neither are the pitches of one campaign. What is claimed must hold with
either drawn: `Estimate.above` and `Estimate.below` ask both intervals.

References
----------
Efron, Tibshirani 1993, "An Introduction to the Bootstrap", ch. 13 (percentile intervals); Field, Welsh 2007,
"Bootstrapping clustered data": whole clusters are drawn; Cameron, Gelbach, Miller 2008, "Bootstrap-based improvements
for inference with clustered errors", section 3: few clusters need wider intervals.
"""

from collections.abc import Callable, Iterator
from dataclasses import KW_ONLY, dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from dog.core.kernels.draw_figures import draw_sums
from dog.offline.statistics.discrimination import Floats

DEFAULT_REPLICATES = 200
MIN_CONTACTS = 20
"""With fewer contacts an interval would be too optimistic, and none is given."""
MIN_WEEKS = 3
"""With fewer weeks nothing is known of how weeks differ, and no interval is given."""
NORMAL_QUANTILE = 1.959964
SPARSE = 8
"""Numbers that a table may have for each value that is looked up in it."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its two 95% intervals; bounds are NaN where there are too few contacts or weeks.

    `low` and `high` come from drawing contacts, `week_low` and `week_high` from drawing weeks.
    """

    value: float = np.nan
    low: float = np.nan
    high: float = np.nan
    _: KW_ONLY
    week_low: float = np.nan
    week_high: float = np.nan

    def above(self, bound: float) -> bool:
        """Return whether both intervals lie above a bound; False where one of them is not known."""
        return bool(self.low > bound and self.week_low > bound)

    def below(self, bound: float) -> bool:
        """Return whether both intervals lie below a bound; False where one of them is not known."""
        return bool(self.high < bound and self.week_high < bound)

    def at_most(self, bound: float) -> bool:
        """Return whether both intervals end at or below a bound; False where one of them is not known."""
        return bool(self.high <= bound and self.week_high <= bound)

    def at_least(self, bound: float) -> bool:
        """Return whether both intervals begin at or above a bound; False where one of them is not known."""
        return bool(self.low >= bound and self.week_low >= bound)

    def span(self, digits: int = 3) -> str:
        """Return the figure with its sign and both intervals as text.

        Examples
        --------
        >>> Estimate(0.01, -0.005, 0.02, week_low=-0.03, week_high=0.04).span()
        '+0.010 (95% by contacts -0.005 to +0.020, by weeks -0.030 to +0.040)'
        >>> Estimate(0.01, -0.005, 0.02).span(2)
        '+0.01 (95% by contacts -0.01 to +0.02, too few weeks)'

        """
        contacts, weeks = "too few contacts", "too few weeks"
        if not np.isnan(self.low):
            contacts = f"95% by contacts {self.low:+.{digits}f} to {self.high:+.{digits}f}"
        if not np.isnan(self.week_low):
            weeks = f"by weeks {self.week_low:+.{digits}f} to {self.week_high:+.{digits}f}"
        return f"{self.value:+.{digits}f} ({contacts}, {weeks})"


@dataclass(frozen=True, slots=True)
class Drawn:
    """Bootstrap samples of clusters.

    `position` is the cluster of each row, from 0, shape (rows,); `times` how often each cluster was drawn in each
    sample, shape (clusters, samples).
    """

    position: NDArray[np.int32]
    times: NDArray[np.uint8]

    @classmethod
    def whole(cls, rows: int) -> "Drawn":
        """Return the one sample in which each row counts once."""
        return cls(np.zeros(rows, np.int32), np.ones((1, 1), np.uint8))


@dataclass(frozen=True)
class Clusters:
    """What is drawn whole: the contact and the week of each row, any integers, shape (rows,).

    Without weeks, only the interval by contacts is given.
    """

    contact: NDArray[np.int64]
    week: NDArray[np.int64] | None = None

    def where(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> "Clusters":
        """Select rows by a mask or by positions."""
        return Clusters(self.contact[chosen], None if self.week is None else self.week[chosen])

    @cached_property
    def contacts(self) -> tuple[NDArray[np.int32], int]:
        """The number of each row's contact, and how many there are."""
        return number(self.contact)

    @cached_property
    def weeks(self) -> tuple[NDArray[np.int32], int]:
        """The number of each row's week, and how many there are; none without weeks."""
        return number(self.contact[:0] if self.week is None else self.week)


def number(values: NDArray[np.int64]) -> tuple[NDArray[np.int32], int]:
    """Return the number of each value among the distinct ones, from 0 in their order, and how many there are.

    Examples
    --------
    >>> number(np.array([7, 5, 7]))
    (array([1, 0, 1], dtype=int32), 2)

    """
    low = int(values.min(initial=0))
    if int(values.max(initial=0)) - low > SPARSE * len(values):
        distinct, place = np.unique(values, return_inverse=True)
        return place.reshape(-1).astype(np.int32), len(distinct)
    known = np.zeros(int(values.max(initial=0)) - low + 1, bool)  # without sorting
    known[values - low] = True
    numbers = np.cumsum(known, dtype=np.int32)
    return numbers[values - low] - np.int32(1), int(known.sum())


def draw_clusters(clusters: int, replicates: int, seed: int) -> Iterator[Floats]:
    """Yield bootstrap samples of all clusters: how often each one was drawn."""
    chance = np.random.default_rng(seed)
    for _ in range(replicates):
        yield np.bincount(chance.integers(0, clusters, clusters), minlength=clusters).astype(np.float64)


@lru_cache(maxsize=4)  # the figures of a report draw the same contacts and weeks
def draw_times(clusters: int, replicates: int, seed: int) -> NDArray[np.uint8]:
    """Return how often each cluster is drawn in each sample, shape (clusters, replicates)."""
    found = np.empty((replicates, clusters), np.uint8)
    for row, times in enumerate(draw_clusters(clusters, replicates, seed)):
        found[row] = times
    return np.ascontiguousarray(found.T)


def bootstrap(
    clusters: Clusters, figure: Callable[[Drawn], Floats], replicates: int = DEFAULT_REPLICATES, seed: int = 0
) -> Estimate:
    """Return a figure with its two 95% intervals.

    `figure` returns the figure of each sample, shape (samples,). The same seed and data give the same intervals.
    """

    def draw(position: NDArray[np.int32], count: int) -> Floats:
        return figure(Drawn(position, draw_times(count, replicates, seed)))

    return interval_of(float(figure(Drawn.whole(len(clusters.contact)))[0]), clusters, draw)


def bootstrap_mean(clusters: Clusters, values: Floats, replicates: int = DEFAULT_REPLICATES, seed: int = 0) -> Estimate:
    """Return a mean over rows with its two 95% intervals: as `bootstrap`, but each cluster is summed only once.

    Examples
    --------
    >>> found = bootstrap_mean(Clusters(np.arange(30)), np.full(30, 2.0))
    >>> found.value, found.low, found.high
    (2.0, 2.0, 2.0)

    """
    if not len(values):
        return Estimate()

    def draw(position: NDArray[np.int32], count: int) -> Floats:
        columns = (values, np.ones(len(values)))
        of_cluster = np.stack([np.bincount(position, column, count) for column in columns], axis=1).astype(np.float64)
        sums, sizes = sum_samples(
            of_cluster, Drawn(np.arange(count, dtype=np.int32), draw_times(count, replicates, seed))
        )
        return np.asarray(sums / sizes)

    return interval_of(float(values.mean()), clusters, draw)


def sum_samples(values: Floats, drawn: Drawn) -> Floats:
    """Return the sum of each column in each sample, shape (columns, samples); `values` has shape (rows, columns)."""
    sums = np.zeros((1, values.shape[1], drawn.times.shape[1]))
    draw_sums(drawn.position, np.zeros(len(values), np.int32), values, drawn.times, sums)
    return sums[0]


def interval_of(value: float, clusters: Clusters, draw: Callable[[NDArray[np.int32], int], Floats]) -> Estimate:
    """Return a value with the intervals of its bootstrap samples.

    `draw` gets the cluster of each row, numbered from 0, and the number of clusters; it returns the samples.
    """
    by_contact = by_week = (np.nan, np.nan)  # one and the same NaN, so that equal estimates are equal
    position, count = clusters.contacts
    if count >= MIN_CONTACTS:
        by_contact = percentiles(draw(position, count))
    position, count = clusters.weeks
    if count >= MIN_WEEKS:
        by_week = widened(value, percentiles(draw(position, count)), count)
    return Estimate(value, *by_contact, week_low=by_week[0], week_high=by_week[1])


def percentiles(drawn: Floats) -> tuple[float, float]:
    """Return the 2.5th and the 97.5th percentile of the finite values; NaN without any."""
    known = drawn[np.isfinite(drawn)]
    if not len(known):
        return float("nan"), float("nan")
    low, high = np.quantile(known, (0.025, 0.975))
    return float(low), float(high)


def widened(value: float, bounds: tuple[float, float], clusters: int) -> tuple[float, float]:
    """Widen an interval around its value, for so few clusters that samples of them vary too little.

    By the factor sqrt(k / (k - 1)) of the variance of k values, and by the quantile of Student's distribution over the
    normal one: 1.35 for 7 clusters, 1.05 for 50.

    Examples
    --------
    >>> [round(bound, 3) for bound in widened(0.0, (-1.0, 1.0), 7)]
    [-1.348, 1.348]

    """
    factor = float(np.sqrt(clusters / (clusters - 1)) * stdtrit(clusters - 1, 0.975) / NORMAL_QUANTILE)
    low, high = bounds
    return value + factor * (low - value), value + factor * (high - value)
