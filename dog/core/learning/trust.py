"""Trust: how much past records have deserved to be believed, learned from what became of each pitch.

For products and for pairs one logistic regression each: outcome on x = ln(ratio as known when pitched), with the score
and the other level's share as offset. Its slope, clipped to [0, 1], is the exponent of the ratio. A slope of 0 means
that records say nothing, 1 that they are exactly right.
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass, field, fields

import numpy as np

from dog.core.log_odds import clipped_log_odds, expit

PRIOR_TRUST = 0.5
RIDGE = (1e-3, 10.0)
"""Ridge of the intercept, and of the slope towards `PRIOR_TRUST`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlopeState:
    """A logistic regression of one variable, as running sums of its quadratic expansion: 7 numbers."""

    h00: float = 0.0
    h01: float = 0.0
    h11: float = 0.0
    g0: float = 0.0
    g1: float = 0.0
    intercept: float = 0.0  # fitted, never applied
    slope: float = PRIOR_TRUST

    def update(
        self, x: np.ndarray, offset: np.ndarray, won: np.ndarray, weight: np.ndarray, prior: float = PRIOR_TRUST
    ) -> "SlopeState":
        """Add rows, expanded at the present value, and solve; all arrays of shape (rows,).

        `prior` is what the ridge draws the slope towards.

        With a = (1, x), lin = intercept + slope x, q = expit(offset + lin) and v = weight q (1 - q): H grows by v a a',
        G by a (weight (won - q) + v lin).

        Examples
        --------
        >>> x, p = np.array([0.5, -0.3, 0.8, -0.6]), np.array([0.2, 0.1, 0.3, 0.05])
        >>> won, weight = np.array([1.0, 0, 1, 0]), np.array([1, 1, 0.5, 1])
        >>> found = SlopeState().update(x, clipped_log_odds(p), won, weight)
        >>> round(found.intercept, 12), round(found.slope, 12)
        (2.221178400547, 0.535175520001)

        """
        linear = self.intercept + self.slope * x
        chance = expit(offset + linear)
        curvature = weight * chance * (1 - chance)
        pull = weight * (won - chance) + curvature * linear
        h00, h01, h11 = self.h00 + curvature.sum(), self.h01 + curvature @ x, self.h11 + curvature @ x**2
        g0, g1 = self.g0 + pull.sum(), self.g1 + pull @ x
        top, side, target = h00 + RIDGE[0], h11 + RIDGE[1], g1 + RIDGE[1] * prior
        slope = float(np.clip((top * target - h01 * g0) / (top * side - h01**2), 0.0, 1.0))
        intercept = (g0 - h01 * slope) / top  # refitted where the slope was clipped
        return SlopeState.from_numbers([h00, h01, h11, g0, g1, intercept, slope])

    @classmethod
    def from_numbers(cls, numbers: Sequence[float]) -> "SlopeState":
        """Read the numbers in the order of the fields."""
        return cls(**{one.name: float(number) for one, number in zip(fields(cls), numbers, strict=True)})


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledPitches:
    """Pitches that were settled since the last job, with what was known when they were made, shape (pitches,)."""

    product: np.ndarray
    score: np.ndarray  # calibrated consolidated score, in (0, 1)
    product_log_ratio: np.ndarray  # ln r_j
    pair_log_ratio: np.ndarray  # ln r_ij
    won: np.ndarray  # 1 or 0


@dataclass(frozen=True, slots=True)
class Trust:
    """Trust in the records of products and of pairs."""

    product: SlopeState = field(default_factory=SlopeState)
    pair: SlopeState = field(default_factory=SlopeState)

    @property
    def values(self) -> tuple[float, float]:
        """The exponents t1 of products and t2 of pairs, in [0, 1]."""
        return self.product.slope, self.pair.slope

    def to_list(self) -> list[float]:
        """Return the 14 numbers of both regressions."""
        return [*astuple(self.product), *astuple(self.pair)]

    @classmethod
    def from_list(cls, numbers: Sequence[float]) -> "Trust":
        """Read what `to_list` returned."""
        return cls(SlopeState.from_numbers(numbers[:7]), SlopeState.from_numbers(numbers[7:]))

    def learn(self, rows: SettledPitches) -> "Trust":
        """Update both regressions with the rows of a week, each with the other's share in its offset.

        A row counts 1 for pairs, and 1 / (1 + the wins expected of its product's rows) for products: the pitches of one
        campaign are one cluster.
        """
        if not len(rows.won):
            return self
        base = clipped_log_odds(rows.score)
        expected = np.bincount(rows.product, weights=rows.score)[rows.product]
        of_products, of_pairs = (self.product.slope * rows.product_log_ratio, self.pair.slope * rows.pair_log_ratio)
        return Trust(
            self.product.update(rows.product_log_ratio, base + of_pairs, rows.won, 1 / (1 + expected)),
            self.pair.update(rows.pair_log_ratio, base + of_products, rows.won, np.ones(len(rows.won))),
        )
