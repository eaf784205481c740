"""Absorption: which share of the evidence new scores already know, measured by how far they moved towards it."""

from dataclasses import dataclass, fields

import numpy as np

from dog.core.learning.evidence import Evidence
from dog.core.learning.exact_sums import sum_units
from dog.core.log_odds import CLIP, clipped_log_odds, logit

PRIOR = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreMoves:
    """Sums of a weighted regression over pairs: how far the score moved (y) on how far the outcomes were off (x).

    `left` is the evidence of these pairs, `whole` what it was before anything was taken out, in pitches. All are whole
    numbers of `exact_sums` units.
    """

    weight: int = 0
    x: int = 0
    y: int = 0
    xx: int = 0
    xy: int = 0
    left: int = 0
    whole: int = 0

    def __add__(self, other: "ScoreMoves") -> "ScoreMoves":
        """Add the sums of other pairs."""
        return ScoreMoves(**{one.name: getattr(self, one.name) + getattr(other, one.name) for one in fields(self)})

    @property
    def absorbed_share(self) -> float:
        """The share to take out of what is left, so that of the whole at most 1 - `known_share` stays, in [0, 1].

        What earlier scores took out is gone already: models that retrain every week on the same outcomes know no more
        of them each time.

        Examples
        --------
        >>> wins, pitches = np.array([3.0, 0, 0]), np.array([4.0, 5, 3])
        >>> expected, now = np.array([0.8, 1.0, 0.3]), np.array([0.35, 0.15, 0.10])
        >>> once = score_moves(wins, pitches, expected, now).absorbed_share
        >>> again = score_moves(*(part * (1 - once) for part in (wins, pitches, expected)), now, whole=pitches)
        >>> round(once, 6), round(again.known_share, 6), round(again.absorbed_share, 6)
        (0.650775, 0.650775, 0.0)

        """
        if not self.left:
            return 0.0
        return max(0.0, 1.0 - (1.0 - self.known_share) * self.whole / self.left)

    @property
    def known_share(self) -> float:
        """The slope, clipped to [0, 1]; 0 where pairs are too few or all alike.

        Examples
        --------
        >>> wins, pitches = np.array([3.0, 0, 0]), np.array([4.0, 5, 3])
        >>> expected, now = np.array([0.8, 1.0, 0.3]), np.array([0.35, 0.15, 0.10])
        >>> round(score_moves(wins, pitches, expected, now).known_share, 6)
        0.650775

        """
        spread = self.weight * self.xx - self.x**2
        if spread <= 0:
            return 0.0
        return float(min(1.0, max(0.0, (self.weight * self.xy - self.x * self.y) / spread)))


def score_moves(
    wins: np.ndarray,
    pitches: np.ndarray,
    expected: np.ndarray,
    score_now: np.ndarray,
    size: np.ndarray | int = 1,
    *,
    whole: np.ndarray | None = None,
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
    whole
        Resolved pitches of each pair before anything was taken out, shape (pairs,); None where nothing was. How far the
        outcomes were off is measured on as much evidence.

    """
    left, whole = pitches, pitches if whole is None else np.maximum(whole, pitches)
    wins, pitches, expected = (part * (whole / left) for part in (wins, pitches, expected))
    mean = np.clip(expected / pitches, CLIP, 1 - CLIP)
    y = clipped_log_odds(score_now) - logit(mean)
    x = np.log((wins + PRIOR) / (expected + PRIOR) * (pitches - expected + PRIOR) / (pitches - wins + PRIOR))
    weight = pitches * mean * (1 - mean)

    return ScoreMoves(
        weight=sum_units(weight, size),
        x=sum_units(weight * x, size),
        y=sum_units(weight * y, size),
        xx=sum_units(weight * x * x, size),
        xy=sum_units(weight * x * y, size),
        left=sum_units(left, size),
        whole=sum_units(whole, size),
    )


def take_out(evidence: Evidence, share: np.ndarray | float) -> Evidence:
    """Take a share, in [0, 1], out of the evidence, in proportion: rates and ratios to what was expected stay."""
    kept = 1.0 - share
    return Evidence(
        wins=evidence.wins * kept,
        pitches=evidence.pitches * kept,
        expected=evidence.expected * kept,
        scored=evidence.scored * kept,
    )
