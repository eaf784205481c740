"""The log odds of a score, from popularity, taste and fold-in, calibrated by the number of events."""

from bisect import bisect_right
from dataclasses import dataclass

import numpy as np

from dog.models.start.taste import Floats

BAND_STARTS = (0, 1, 2, 5)
"""Fewest events of each band: none, one, two to four, five or more."""
BAND_NAMES = ("0", "1", "2 to 4", "5 or more")


def band_of(event_count: int) -> int:
    """Return the band of a number of events.

    >>> [band_of(count) for count in (0, 1, 2, 4, 5, 20)]
    [0, 1, 2, 2, 3, 3]

    """
    return bisect_right(BAND_STARTS, event_count) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """The calibration of one band: log odds = b0 + b1 o + b2 (v u) / s + b3 (y w) / s'.

    Of a cold product, whose v and y are 0, `cold` times its term (`cold_terms`) takes the place of the last two. `on`
    says whether all this was proved; else these weights are 0 and popularity alone counts.
    """

    intercept: float = 0.0
    popularity: float = 1.0
    taste: float = 0.0
    fold_in: float = 0.0
    cold: float = 0.0
    taste_spread: float = 1.0
    fold_in_spread: float = 1.0
    on: bool = False

    def weigh(self, tastes: Floats, folded: Floats) -> Floats:
        """Return tastes and factors of contacts times their coefficients, side by side, shape (contacts, columns).

        Multiplied with vectors and factors of products they are what taste and fold-in add to the log odds.
        """
        coefficients = (self.taste / self.taste_spread, self.fold_in / self.fold_in_spread)
        return np.concatenate([coefficients[0] * tastes, coefficients[1] * folded], axis=1)

    def log_odds(self, offsets: Floats, tastes: Floats, folded: Floats) -> Floats:
        """Return log odds from popularity, products of vectors and tastes, and of factors; of one shape.

        Examples
        --------
        >>> band = Band(intercept=-0.5, popularity=0.9, taste=0.8)
        >>> band.log_odds(np.log([0.3 / 0.7]), np.array([-0.072092371505]), np.zeros(1)).round(12).tolist()
        [-1.320241971552]

        """
        found = self.intercept + self.popularity * offsets
        if self.taste:
            found = found + (self.taste / self.taste_spread) * tastes
        if self.fold_in:
            found = found + (self.fold_in / self.fold_in_spread) * folded
        return np.asarray(found)
