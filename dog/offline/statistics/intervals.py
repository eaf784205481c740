"""95% intervals by a bootstrap over contacts, since pitches to one contact are not independent.

References
----------
Efron, Tibshirani 1993, "An Introduction to the Bootstrap", ch. 13 (percentile intervals); Field, Welsh 2007,
"Bootstrapping clustered data": whole clusters are drawn.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dog.offline.statistics.discrimination import Floats

DEFAULT_REPLICATES = 200
MIN_CONTACTS = 20
"""With fewer contacts an interval would be too optimistic, and none is given."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95% interval; bounds are NaN where there are too few contacts."""

    value: float = np.nan
    low: float = np.nan
    high: float = np.nan


def contact_weights(contacts: int, replicates: int, seed: int) -> Iterator[Floats]:
    """Yield bootstrap samples of all contacts: how often each one was drawn."""
    chance = np.random.default_rng(seed)
    for _ in range(replicates):
        yield np.bincount(chance.integers(0, contacts, contacts), minlength=contacts).astype(np.float64)


def bootstrap(
    contact: NDArray[np.int64],
    figure: Callable[[Floats], float],
    replicates: int = DEFAULT_REPLICATES,
    seed: int = 0,
) -> Estimate:
    """Return a figure with its 95% interval.

    `contact` numbers each pitch's contact, shape (pitches,). `figure` returns the figure given how often each pitch
    counts, shape (pitches,). The same seed and data give the same interval.

    Examples
    --------
    Forty contacts of one pitch, every other one won:

    >>> wins = np.arange(40) % 2.0
    >>> found = bootstrap(np.arange(40), lambda weights: float(np.average(wins, weights=weights)))
    >>> found.value, found.low < 0.5 < found.high
    (0.5, True)

    """
    number, position = np.unique(contact, return_inverse=True)
    value = figure(np.ones(len(contact)))
    if len(number) < MIN_CONTACTS:
        return Estimate(value)
    drawn = [figure(weights[position]) for weights in contact_weights(len(number), replicates, seed)]
    return Estimate(value, *percentiles(np.array(drawn)))


def bootstrap_mean(
    contact: NDArray[np.int64], values: Floats, replicates: int = DEFAULT_REPLICATES, seed: int = 0
) -> Estimate:
    """Return a mean over pitches with its 95% interval: as `bootstrap`, but each contact is summed only once.

    Examples
    --------
    >>> bootstrap_mean(np.arange(30), np.full(30, 2.0))
    Estimate(value=2.0, low=2.0, high=2.0)

    """
    number, position = np.unique(contact, return_inverse=True)
    if not len(number):
        return Estimate()
    sums, counts = np.bincount(position, values), np.bincount(position).astype(np.float64)
    value = float(sums.sum() / counts.sum())
    if len(number) < MIN_CONTACTS:
        return Estimate(value)
    drawn = [float(sums @ weights / (counts @ weights)) for weights in contact_weights(len(number), replicates, seed)]
    return Estimate(value, *percentiles(np.array(drawn)))


def percentiles(drawn: Floats) -> tuple[float, float]:
    """Return the 2.5th and the 97.5th percentile of the finite values; NaN without any."""
    known = drawn[np.isfinite(drawn)]
    if not len(known):
        return float("nan"), float("nan")
    low, high = np.quantile(known, (0.025, 0.975))
    return float(low), float(high)
