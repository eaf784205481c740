"""What a week's recompute changes, added up chunk by chunk: for the sanity gate, the job's history and the console."""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from dog.core.learning.exact_sums import UNITS, sum_units
from dog.core.learning.pair_evidence import PairEvidence

LARGEST_MOVERS = 20
SPREAD_BOUNDS = (0.25, 0.5, 0.7, 0.8, 0.9, 0.95, 1.0, 1.05, 1.1, 1.25, 1.5, 2.0, 4.0)
"""Upper bounds of the classes by which a version counts its multipliers."""
FAR = 1.25
"""Ratio from which on a multiplier counts as moved far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MultiplierMove:
    """How one pair's multiplier moves."""

    contact: bytes
    product: int
    before: float
    after: float
    wins: int
    pitches: int

    @property
    def ratio(self) -> float:
        """By which ratio it moves, up or down, at least 1."""
        return max(self.after / self.before, self.before / self.after)


@dataclass(slots=True, kw_only=True)
class WeekChanges:
    """What a week's recompute changes for one policy."""

    pairs: int = 0
    pitches: int = 0  # resolved ones
    moved: int = 0
    up: int = 0
    down: int = 0
    recursions: int = 0
    absorbed: int = 0
    shifted: int = 0  # pairs that the outcomes of others alone would move by more than a quarter
    broken: int = 0  # pairs whose multiplier is not a positive number, or that won more than was pitched
    movers: list[MultiplierMove] = field(default_factory=list)
    spread: np.ndarray = field(default_factory=lambda: np.zeros(len(SPREAD_BOUNDS) + 1, np.int64))
    multiplier_units: int = 0
    win_units: int = 0  # of resolved pitches that carry a score; where only some of a pair's do, in proportion
    expected_units: int = 0  # their calibrated scores, summed
    scored: int = 0

    def add(self, pairs: PairEvidence, before: np.ndarray, after: np.ndarray, shift: np.ndarray | None) -> None:
        """Add a chunk: multipliers before and after, and the ratio that new priors alone make, shape (groups,)."""
        size, resolved, wins = pairs.size, pairs.settled.resolved, pairs.evidence.wins
        sound = np.isfinite(after) & (after > 0) & (wins >= 0) & (wins <= pairs.evidence.pitches)
        self.pairs += len(pairs.group)
        self.pitches += int((resolved * size).sum())
        self.recursions += pairs.newly_damped
        self.absorbed += pairs.absorbed
        if shift is not None:
            self.shifted += int(size[(shift > FAR) | (shift < 1 / FAR)].sum())
        if not sound.all():
            self.broken += int(size[~sound].sum())
            before, after = np.where(sound, before, 1.0), np.where(sound, after, 1.0)
        sound_size = np.where(sound, size, 0)
        self._add_spread(after, sound_size)
        self._add_scores(pairs, resolved)
        self._add_movers(pairs, before, after, sound_size)

    def _add_spread(self, multipliers: np.ndarray, size: np.ndarray) -> None:
        classes = np.searchsorted(SPREAD_BOUNDS, multipliers)
        self.spread += np.bincount(classes, weights=size, minlength=len(self.spread)).astype(np.int64)
        self.multiplier_units += sum_units(multipliers, size)

    def _add_scores(self, pairs: PairEvidence, resolved: np.ndarray) -> None:
        scored = pairs.settled.scored
        if scored.any():
            wins = pairs.settled.wins * np.minimum(scored / np.maximum(resolved, 1), 1)
            self.win_units += sum_units(wins, pairs.size)
            self.expected_units += sum_units(pairs.settled.expected, pairs.size)
            self.scored += int((scored * pairs.size).sum())

    def _add_movers(self, pairs: PairEvidence, before: np.ndarray, after: np.ndarray, size: np.ndarray) -> None:
        change = after / before
        ups, downs = int(size[change > 1].sum()), int(size[change < 1].sum())
        self.up, self.down, self.moved = self.up + ups, self.down + downs, self.moved + ups + downs
        ratio = np.maximum(change, 1 / change)
        least = self.movers[-1].ratio if len(self.movers) == LARGEST_MOVERS else 1.0
        is_large = (ratio > least) & (size > 0)  # a later pair with the same ratio does not displace an earlier one
        if is_large.any():
            places = np.flatnonzero(is_large[pairs.group])
            places = places[np.argsort(-ratio[pairs.group[places]], kind="stable")][:LARGEST_MOVERS]
            self._keep_largest(_move(pairs, place, before, after) for place in places.tolist())

    def _keep_largest(self, found: Iterable[MultiplierMove]) -> None:
        self.movers = sorted([*self.movers, *found], key=lambda move: -move.ratio)[:LARGEST_MOVERS]

    def join(self, later: "WeekChanges") -> None:
        """Add the changes of partitions that come later."""
        for one in fields(self):
            if one.name != "movers":
                setattr(self, one.name, getattr(self, one.name) + getattr(later, one.name))
        self._keep_largest(later.movers)

    def summary(self) -> dict[str, Any]:
        """Return how the multipliers are spread, and how well the scores predicted the wins."""
        return {
            "spread_bounds": SPREAD_BOUNDS,
            "spread": self.spread.tolist(),
            "multiplier_sum": self.multiplier_units / UNITS,
            "scored_pitches": self.scored,
            "predicted_rate": self.expected_units / UNITS / self.scored if self.scored else None,
            "observed_rate": self.win_units / UNITS / self.scored if self.scored else None,
        }

    def counts(self) -> dict[str, int]:
        """Return the counts that a job shows."""
        names = ("pairs", "pitches", "moved", "up", "down", "shifted", "recursions", "absorbed")
        return {name: getattr(self, name) for name in names}


def _move(pairs: PairEvidence, place: int, before: np.ndarray, after: np.ndarray) -> MultiplierMove:
    group = int(pairs.group[place])
    wins, pitches = (int(counts[group]) for counts in (pairs.settled.wins, pairs.settled.pitches))
    return MultiplierMove(
        contact=pairs.contacts.digests[int(np.searchsorted(pairs.ends, place, side="right")) - 1].tobytes(),
        product=int(pairs.product[group]),
        before=float(before[group]),
        after=float(after[group]),
        wins=wins,
        pitches=pitches,
    )
