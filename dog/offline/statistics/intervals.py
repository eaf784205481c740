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

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from dog.offline.statistics.discrimination import Floats

DEFAULT_REPLICATES = 200
MIN_CONTACTS = 20
"""With fewer contacts an interval would be too optimistic, and none is given."""
MIN_WEEKS = 3
"""With fewer weeks nothing can be told of how weeks differ, and no interval is given."""
NORMAL_QUANTILE = 1.959964


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
class Clusters:
    """What is drawn whole: the contact and the week of each row, any integers, shape (rows,).

    Without weeks, only the interval by contacts is given.
    """

    contact: NDArray[np.int64]
    week: NDArray[np.int64] | None = None

    def where(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> "Clusters":
        """Select rows by a mask or by positions."""
        return Clusters(self.contact[chosen], None if self.week is None else self.week[chosen])


def draw_clusters(clusters: int, replicates: int, seed: int) -> Iterator[Floats]:
    """Yield bootstrap samples of all clusters: how often each one was drawn."""
    chance = np.random.default_rng(seed)
    for _ in range(replicates):
        yield np.bincount(chance.integers(0, clusters, clusters), minlength=clusters).astype(np.float64)


def bootstrap(
    clusters: Clusters,
    figure: Callable[[Floats], float],
    replicates: int = DEFAULT_REPLICATES,
    seed: int = 0,
) -> Estimate:
    """Return a figure with its two 95% intervals.

    `figure` returns the figure given how often each row counts, shape (rows,). The same seed and data give the same
    intervals.

    Examples
    --------
    Forty contacts of one pitch, every other one won:

    >>> wins = np.arange(40) % 2.0
    >>> found = bootstrap(Clusters(np.arange(40)), lambda weights: float(np.average(wins, weights=weights)))
    >>> found.value, found.low < 0.5 < found.high
    (0.5, True)

    """

    def draw(position: NDArray[np.int64], count: int) -> Floats:
        return np.array([figure(weights[position]) for weights in draw_clusters(count, replicates, seed)])

    return interval_of(figure(np.ones(len(clusters.contact))), clusters, draw)


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

    def draw(position: NDArray[np.int64], count: int) -> Floats:
        sums, sizes = np.bincount(position, values), np.bincount(position).astype(np.float64)
        return np.array([float(sums @ times / (sizes @ times)) for times in draw_clusters(count, replicates, seed)])

    return interval_of(float(values.mean()), clusters, draw)


def interval_of(value: float, clusters: Clusters, draw: Callable[[NDArray[np.int64], int], Floats]) -> Estimate:
    """Return a value with the intervals of its bootstrap samples.

    `draw` gets the cluster of each row, numbered from 0, and the number of clusters; it returns the samples.
    """
    number, position = np.unique(clusters.contact, return_inverse=True)
    by_contact = by_week = (np.nan, np.nan)  # one and the same NaN, so that equal estimates are equal
    if len(number) >= MIN_CONTACTS:
        by_contact = percentiles(draw(position.reshape(-1), len(number)))
    if clusters.week is not None:
        number, position = np.unique(clusters.week, return_inverse=True)
        if len(number) >= MIN_WEEKS:
            by_week = widened(value, percentiles(draw(position.reshape(-1), len(number))), len(number))
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
