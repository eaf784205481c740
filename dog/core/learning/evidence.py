"""A pair's evidence: what its win rate is made from, after absorption and recursion."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from dog.core.kernels.weigh_pairs import evidence_of, expected_wins_of_pairs
from dog.core.learning.settlement import Settled


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Wins, resolved pitches and what the models expected, for each pair, arrays of shape (pairs,)."""

    wins: np.ndarray  # 0 <= W <= N
    pitches: np.ndarray  # N
    expected: np.ndarray  # calibrated scores at pitch time, summed over the pitches that carry one
    scored: np.ndarray  # pitches that carry one

    def expected_wins(self, unknown: float) -> np.ndarray:
        """Return E, the wins that the models expected, shape (pairs,).

        Pitches without a score count as the others of the pair do: else their wins would be compared with nothing.
        Where no pitch of the pair carries one, each counts as `unknown`.
        """
        _, pitches, expected, scored = self.as_floats()
        return expected_wins_of_pairs(pitches, expected, scored, unknown)

    def as_floats(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return the arrays in their order, as kernels take them."""
        wins, pitches = np.ascontiguousarray(self.wins, np.float64), np.ascontiguousarray(self.pitches, np.float64)
        expected, scored = (
            np.ascontiguousarray(self.expected, np.float64),
            np.ascontiguousarray(self.scored, np.float64),
        )
        return wins, pitches, expected, scored

    def take(self, pairs: np.ndarray | slice) -> "Evidence":
        """Select some of the pairs, by index, mask or slice."""
        return self.map(lambda values: values[pairs])

    def map(self, function: Callable[[np.ndarray], np.ndarray]) -> "Evidence":
        """Apply a function to each array."""
        return _combine(function, self)

    @property
    def raw_rates(self) -> np.ndarray:
        """Wins per pitch, NaN without pitches, shape (pairs,)."""
        unknown = np.full(len(self.wins), np.nan)
        return np.asarray(np.divide(self.wins, self.pitches, out=unknown, where=self.pitches > 0))


def no_evidence(pairs: int) -> Evidence:
    """Return the evidence of pairs that have none, an array of zeros each."""
    return Evidence(wins=np.zeros(pairs), pitches=np.zeros(pairs), expected=np.zeros(pairs), scored=np.zeros(pairs))


def settled_evidence(settled: Settled) -> Evidence:
    """Return everything that is settled as evidence."""
    wins, pitches = settled.wins.astype(np.float64), settled.resolved.astype(np.float64)
    return Evidence(wins=wins, pitches=pitches, expected=settled.expected, scored=settled.scored)


def pending_evidence(settled: Settled) -> Evidence:
    """Return what pending pitches count for: no wins, and that part of a pitch whose wins have come by its age."""
    none, expected = np.zeros(len(settled.wins)), settled.part_expected
    return Evidence(wins=none, pitches=settled.part_pitches, expected=expected, scored=settled.part_scored)


def stored_evidence(pairs: np.ndarray) -> Evidence:
    """Return the evidence that records of `dog.core.records.PAIRS` hold."""
    return _read_evidence(pairs, with_parts=False)


def weighed_evidence(pairs: np.ndarray) -> Evidence:
    """Return what the multipliers of records of `PAIRS` were made from: the evidence, and pending pitches in part."""
    return _read_evidence(pairs, with_parts=True)


def _read_evidence(pairs: np.ndarray, *, with_parts: bool) -> Evidence:
    wins, pitches, expected, scored = evidence_of(np.ascontiguousarray(pairs), with_parts)
    return Evidence(wins=wins, pitches=pitches, expected=expected, scored=scored)


def counted_evidence(pairs: np.ndarray) -> Evidence:
    """Return everything that records of `dog.core.records.PAIRS` count as settled as evidence."""
    wins, scored = pairs["wins"].astype(np.float64), pairs["scored"].astype(np.float64)
    return Evidence(wins=wins, pitches=wins + pairs["losses"], expected=pairs["expected"], scored=scored)


def add_evidence(evidence: Evidence, other: Evidence) -> Evidence:
    """Add evidence of the same pairs."""
    return _combine(lambda held, added: held + added, evidence, other)


def add_news(evidence: Evidence, before: Evidence, now: Evidence) -> Evidence:
    """Add what was settled since the last job: evidence + (now - before).

    `evidence` is what the last job left after absorption and recursion; `before` and `now` are everything that was
    settled then and is settled now. 0 <= W <= N is kept: a win that takes back a loss which was damped or absorbed
    since brings its pitch along.

    """
    return _bounded(lambda held, then, total: held + (total - then), evidence, before, now)


def absorb(evidence: Evidence, at_refresh: Evidence, now: Evidence, share: float) -> Evidence:
    """Remove the evidence that a refreshed model has learnt: share * max(0, evidence - (now - at_refresh)).

    `at_refresh` is everything that was settled by the last outcome the new model was trained on, `now` everything
    that is settled now: what came after the refresh stays whole. `share` lies in [0, 1].

    """
    return _bounded(
        lambda held, then, total: held - share * np.maximum(0.0, held - (total - then)), evidence, at_refresh, now
    )


def damp(evidence: Evidence, factor: np.ndarray) -> Evidence:
    """Multiply the evidence by a factor in [0, 1], shape (pairs,): the `evidence` reading of the recursion.

    Examples
    --------
    >>> one = np.ones(1)
    >>> evidence = Evidence(wins=9 * one, pitches=10 * one, expected=one, scored=10 * one)
    >>> damped = damp(evidence, np.array([0.1]))
    >>> damped.wins.round(12), damped.pitches.round(12)
    (array([0.9]), array([1.]))

    """
    return _combine(lambda held: held * factor, evidence)


def _combine(formula: Callable[..., np.ndarray], *parts: Evidence) -> Evidence:
    """Apply a formula to each field of some evidence."""
    return Evidence(
        wins=formula(*(part.wins for part in parts)),
        pitches=formula(*(part.pitches for part in parts)),
        expected=formula(*(part.expected for part in parts)),
        scored=formula(*(part.scored for part in parts)),
    )


def _bounded(formula: Callable[..., np.ndarray], *parts: Evidence) -> Evidence:
    """Apply a formula to each field, then keep 0 <= W <= N and 0 <= scored <= N."""
    made = _combine(formula, *parts)
    wins = np.maximum(0.0, made.wins)
    pitches = np.maximum(wins, made.pitches)
    scored, expected = np.clip(made.scored, 0.0, pitches), np.maximum(0.0, made.expected)
    beyond = made.scored > pitches  # a pitch whose score was filled in was taken back
    if beyond.any():
        expected = np.where(beyond, expected * scored / np.where(beyond, made.scored, 1.0), expected)
    return Evidence(wins=wins, pitches=pitches, expected=expected, scored=scored)


def fill_scores(evidence: Evidence, score: np.ndarray) -> Evidence:
    """Give the pitches that carry no score the pair's score of today, shape (pairs,); NaN leaves them without."""
    missing = np.where(np.isnan(score), 0.0, np.maximum(evidence.pitches - evidence.scored, 0.0))
    filled = evidence.expected + missing * np.nan_to_num(score)
    return replace(evidence, expected=filled, scored=evidence.scored + missing)
