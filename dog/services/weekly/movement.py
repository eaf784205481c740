"""What a week's recompute moves, added up chunk by chunk: for the sanity gate, the job's history and the console."""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from dog.services.weekly.pair_evidence import Evolved

LARGEST_MOVERS = 20
SPREAD_BOUNDS = (0.25, 0.5, 0.7, 0.8, 0.9, 0.95, 1.0, 1.05, 1.1, 1.25, 1.5, 2.0, 4.0)
"""Upper bounds of the classes in which a version tells how its multipliers are spread."""
FAR = 1.25
"""Ratio from which on a multiplier counts as moved far."""


UNITS = 2**32
"""Sums are kept in whole units of 2^-32, so that neither the order of pairs nor the chunks they come in matter."""


@dataclass(frozen=True, slots=True)
class Move:
    """How one pair's multiplier moves."""

    contact: bytes
    product: int
    before: float
    after: float
    wins: int
    pitches: int

    @property
    def size(self) -> float:
        """By which ratio it moves, up or down, at least 1."""
        return max(self.after / self.before, self.before / self.after)


@dataclass(slots=True)
class Movement:
    """What a week's recompute moves, added up chunk by chunk."""

    pairs: int = 0
    pitches: int = 0  # resolved ones
    moved: int = 0
    up: int = 0
    down: int = 0
    recursions: int = 0
    absorbed: int = 0
    shifted: int = 0  # pairs that the outcomes of others alone would move by more than a quarter
    broken: int = 0  # pairs whose multiplier is no positive number, or that won more than was pitched
    movers: list[Move] = field(default_factory=list)
    spread: np.ndarray = field(default_factory=lambda: np.zeros(len(SPREAD_BOUNDS) + 1, np.int64))
    multiplier_units: int = 0
    win_units: int = 0  # of resolved pitches that carry a score; where only some of a pair's do, in proportion
    expected_units: int = 0  # their calibrated scores, summed
    scored: int = 0

    def add(self, chunk: Evolved, before: np.ndarray, after: np.ndarray, shift: np.ndarray | None) -> None:
        """Add a chunk: multipliers before and after, and the ratio that new priors alone make, shape (kinds,)."""
        evidence, resolved, times = chunk.evidence, chunk.pairs.resolved(), chunk.times
        sound = np.isfinite(after) & (after > 0) & (evidence.wins >= 0) & (evidence.wins <= evidence.pitches)
        self.pairs += len(chunk.kind)
        self.pitches += int((resolved * times).sum())
        self.recursions += chunk.newly_damped
        self.absorbed += chunk.absorbed
        if shift is not None:
            self.shifted += int(times[(shift > FAR) | (shift < 1 / FAR)].sum())
        if not sound.all():
            self.broken += int(times[~sound].sum())
            before, after = np.where(sound, before, 1.0), np.where(sound, after, 1.0)
            times = np.where(sound, times, 0)
        self._note_spread(after, times)
        self._note_scores(chunk, resolved)
        self._note_movers(chunk, before, after, times)

    def _note_spread(self, multipliers: np.ndarray, times: np.ndarray) -> None:
        classes = np.searchsorted(SPREAD_BOUNDS, multipliers)
        self.spread += np.bincount(classes, weights=times, minlength=len(self.spread)).astype(np.int64)
        self.multiplier_units += _units(multipliers, times)

    def _note_scores(self, chunk: Evolved, resolved: np.ndarray) -> None:
        scored = chunk.pairs.floats("scored")
        if not scored.any():
            return
        wins = chunk.pairs.floats("wins") * np.minimum(scored / np.maximum(resolved, 1), 1)
        self.win_units += _units(wins, chunk.times)
        self.expected_units += _units(chunk.pairs.floats("expected"), chunk.times)
        self.scored += int((scored * chunk.times).sum())

    def _note_movers(self, chunk: Evolved, before: np.ndarray, after: np.ndarray, times: np.ndarray) -> None:
        ratio = after / before
        ups, downs = int(times[ratio > 1].sum()), int(times[ratio < 1].sum())
        self.up, self.down, self.moved = self.up + ups, self.down + downs, self.moved + ups + downs
        size = np.maximum(ratio, 1 / ratio)
        least = self.movers[-1].size if len(self.movers) == LARGEST_MOVERS else 1.0
        is_large = (size > least) & (times > 0)  # as far as those before, and later, is not further
        if is_large.any():
            pairs = np.flatnonzero(is_large[chunk.kind])
            pairs = pairs[np.argsort(-size[chunk.kind[pairs]], kind="stable")][:LARGEST_MOVERS]
            self._keep_largest(_move(chunk, pair, before, after) for pair in pairs.tolist())

    def _keep_largest(self, found: Iterable[Move]) -> None:
        self.movers = sorted([*self.movers, *found], key=lambda move: -move.size)[:LARGEST_MOVERS]

    def join(self, later: "Movement") -> None:
        """Add what was added up over partitions that come later."""
        for one in fields(self):
            if one.name != "movers":
                setattr(self, one.name, getattr(self, one.name) + getattr(later, one.name))
        self._keep_largest(later.movers)

    def summary(self) -> dict[str, Any]:
        """Say how the multipliers are spread, and how the scores agreed with what was won."""
        return {
            "spread_bounds": SPREAD_BOUNDS,
            "spread": self.spread.tolist(),
            "multiplier_sum": self.multiplier_units / UNITS,
            "scored_pitches": self.scored,
            "predicted_rate": self.expected_units / UNITS / self.scored if self.scored else None,
            "observed_rate": self.win_units / UNITS / self.scored if self.scored else None,
        }

    def counts(self) -> dict[str, int]:
        """Say what is shown of a job."""
        return {
            name: getattr(self, name)
            for name in ("pairs", "pitches", "moved", "up", "down", "shifted", "recursions", "absorbed")
        }


def _units(values: np.ndarray, times: np.ndarray) -> int:
    return int((np.rint(values * UNITS).astype(np.int64) * times).sum())


def _move(chunk: Evolved, pair: int, before: np.ndarray, after: np.ndarray) -> Move:
    kind = int(chunk.kind[pair])
    wins, losses, pending = (int(chunk.pairs.floats(name)[kind]) for name in ("wins", "losses", "pending"))
    contact = chunk.contacts[int(np.searchsorted(chunk.ends, pair, side="right")) - 1]
    product = int(chunk.pairs.columns["product"][kind])
    return Move(contact, product, float(before[kind]), float(after[kind]), wins, wins + losses + pending)
