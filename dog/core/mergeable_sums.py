"""Counts and sums of numbers that lie in many parts; neither the parts nor the order of the numbers change a bit."""

from dataclasses import dataclass

import numpy as np

UNITS = 2.0**51
"""Units into which the distance between the bounds of a sum is divided."""
SMALLEST_WIDTH = 1e-290
"""Numbers between bounds that lie closer together count as equal."""
LOW_BITS = 26
ADDED_AT_ONCE = 1024
"""Products of the halves of a number of units, at most 2^52 each, whose sum is exact in 64 bits."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Distinct numbers, ascending, and how often each occurs."""

    values: np.ndarray
    counts: np.ndarray

    def __add__(self, other: "Tally") -> "Tally":
        values, place = np.unique(np.concatenate([self.values, other.values]), return_inverse=True)
        counts = np.zeros(len(values), np.int64)
        np.add.at(counts, place, np.concatenate([self.counts, other.counts]))
        return Tally(values, counts)

    @property
    def total(self) -> int:
        """How many numbers there are."""
        return int(self.counts.sum())


def tally(numbers: np.ndarray) -> Tally:
    """Count numbers.

    Examples
    --------
    >>> tally(np.array([2, 1, 2])).counts.tolist()
    [1, 2]

    """
    return Tally(*np.unique(numbers, return_counts=True))


@dataclass(frozen=True, slots=True)
class ExactMoments:
    """The count, sum and sum of squares of numbers, in units of the distance between two bounds."""

    count: int
    total: int
    squares: int

    def __add__(self, other: "ExactMoments") -> "ExactMoments":
        return ExactMoments(self.count + other.count, self.total + other.total, self.squares + other.squares)

    def spread(self, low: float, high: float) -> tuple[float, float]:
        """Return mean and standard deviation of the numbers, given the bounds."""
        unit, count = (high - low) / UNITS, self.count
        variance = (count * self.squares - self.total**2) / count**2  # of whole numbers: rounded once
        return low + unit * (self.total / count), unit * float(np.sqrt(variance))


NO_MOMENTS = ExactMoments(0, 0, 0)


def moments(numbers: np.ndarray, low: float, high: float) -> ExactMoments:
    """Sum numbers and their squares, those beyond two bounds as the bound.

    Examples
    --------
    >>> (moments(np.array([0.0, 1.0]), 0.0, 2.0) + moments(np.array([2.0]), 0.0, 2.0)).spread(0.0, 2.0)
    (1.0, 0.816496580927726)

    """
    if high - low < SMALLEST_WIDTH or not len(numbers):
        return ExactMoments(len(numbers), 0, 0)
    units = np.rint((np.clip(numbers, low, high) - low) * (UNITS / (high - low))).astype(np.int64)
    coarse, fine = units >> LOW_BITS, units & ((1 << LOW_BITS) - 1)
    squares = (_add(coarse * coarse) << 2 * LOW_BITS) + (_add(coarse * fine) << (LOW_BITS + 1)) + _add(fine * fine)
    return ExactMoments(len(numbers), _add(units), squares)


def _add(whole: np.ndarray) -> int:
    """Add whole numbers below 2^52 exactly."""
    return sum(np.add.reduceat(whole, np.arange(0, len(whole), ADDED_AT_ONCE)).tolist())
