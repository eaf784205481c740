"""Absorption: which share of the evidence new scores already know, measured by how far they moved towards it."""

from dataclasses import dataclass, fields

import numpy as np

from dog.core.learning.evidence import Evidence
from dog.core.log_odds import logit

UNITS = 2**32
"""Sums are kept in whole units of 2^-32, so that neither the order of pairs nor their chunks matter."""
PRIOR = 2.0
CLIP = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreMoves:
    """Sums of a weighted regression over pairs: how far the score moved (y) on how far the outcomes were off (x)."""

    weight: int = 0
    x: int = 0
    y: int = 0
    xx: int = 0
    xy: int = 0

    def __add__(self, other: "ScoreMoves") -> "ScoreMoves":
        """Add the sums of other pairs."""
        return ScoreMoves(**{one.name: getattr(self, one.name) + getattr(other, one.name) for one in fields(self)})

    @property
    def absorbed_share(self) -> float:
        """The slope, clipped to [0, 1]; 0 where pairs are too few or all alike.

        Examples
        --------
        >>> wins, pitches = np.array([3.0, 0, 0]), np.array([4.0, 5, 3])
        >>> expected, now = np.array([0.8, 1.0, 0.3]), np.array([0.35, 0.15, 0.10])
        >>> round(score_moves(wins, pitches, expected, now).absorbed_share, 6)
        0.650775

        """
        spread = self.weight * self.xx - self.x**2
        if spread <= 0:
            return 0.0
        return float(min(1.0, max(0.0, (self.weight * self.xy - self.x * self.y) / spread)))


def score_moves(
    wins: np.ndarray, pitches: np.ndarray, expected: np.ndarray, score_now: np.ndarray, size: np.ndarray | int = 1
) -> ScoreMoves:
    """Sum x = ln((W+2)/(E+2) (N-E+2)/(N-W+2)) and y = logit(score now) - logit(E/N), weighted by N p (1 - p), p = E/N.

    Parameters
    ----------
    wins, pitches, expected
        Evidence of each pair, shape (pairs,), pitches above 0.
    score_now
        The pair's consolidated score by the new scores, shape (pairs,).
    size
        Number of pairs that each row stands for.

    """
    mean = np.clip(expected / pitches, CLIP, 1 - CLIP)
    y = logit(np.clip(score_now, CLIP, 1 - CLIP)) - logit(mean)
    x = np.log((wins + PRIOR) / (expected + PRIOR) * (pitches - expected + PRIOR) / (pitches - wins + PRIOR))
    weight = pitches * mean * (1 - mean)

    def total(values: np.ndarray) -> int:
        return int((np.rint(weight * values * UNITS).astype(np.int64) * size).sum())

    return ScoreMoves(weight=total(np.ones(len(x))), x=total(x), y=total(y), xx=total(x * x), xy=total(x * y))


def take_out(evidence: Evidence, share: np.ndarray | float) -> Evidence:
    """Take a share, in [0, 1], out of the evidence, in proportion: rates and ratios to what was expected stay."""
    kept = 1.0 - share
    return Evidence(
        wins=evidence.wins * kept,
        pitches=evidence.pitches * kept,
        expected=evidence.expected * kept,
        scored=evidence.scored * kept,
    )
