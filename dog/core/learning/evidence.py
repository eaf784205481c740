"""A pair's evidence: what its win rate is made from, after absorption and recursion."""

from dataclasses import dataclass

import numpy as np

from dog.core.learning.settlement import Settled


@dataclass(frozen=True, slots=True)
class Evidence:
    """Wins, resolved pitches and what the models expected, for each pair.

    Parameters
    ----------
    wins, pitches
        0 <= W <= N, shape (pairs,).
    expected
        Calibrated scores at pitch time, summed over those of the pitches that carry one, shape (pairs,).
    scored
        How many of the pitches carry one, shape (pairs,).

    """

    wins: np.ndarray
    pitches: np.ndarray
    expected: np.ndarray
    scored: np.ndarray

    @property
    def raw_rates(self) -> np.ndarray:
        """Wins per pitch, NaN without pitches, shape (pairs,)."""
        unknown = np.full(len(self.wins), np.nan)
        return np.asarray(np.divide(self.wins, self.pitches, out=unknown, where=self.pitches > 0))


def nothing(pairs: int) -> Evidence:
    """Make the evidence of pairs that have none."""
    return Evidence(*(np.zeros(pairs) for _ in range(4)))


def of(settled: Settled) -> Evidence:
    """Take all that is settled as evidence."""
    return Evidence(
        settled.wins.astype(np.float64), settled.resolved.astype(np.float64), settled.expected, settled.scored
    )


def gather(evidence: Evidence, before: Evidence, now: Evidence) -> Evidence:
    """Add what was settled since the last job: evidence + (now - before).

    Parameters
    ----------
    evidence
        What the last job left after absorption and recursion.
    before, now
        All that was settled then, and all that is settled now.

    Returns
    -------
    The new evidence, 0 <= W <= N kept: a win that takes back a loss which was damped or absorbed since brings
    its pitch along.

    """
    return _bounded(
        evidence.wins + (now.wins - before.wins),
        evidence.pitches + (now.pitches - before.pitches),
        evidence.expected + (now.expected - before.expected),
        evidence.scored + (now.scored - before.scored),
    )


def absorb(evidence: Evidence, at_refresh: Evidence, now: Evidence, share: float) -> Evidence:
    """Take out the share of the evidence that a model refresh has already learnt from.

    Parameters
    ----------
    evidence
        The evidence before absorption.
    at_refresh
        All that was settled by the last outcome the new model was trained on.
    now
        All that is settled now.
    share
        How much of it the model has learnt, in [0, 1].

    Returns
    -------
    evidence - share * max(0, evidence - (now - at_refresh)): what came after the refresh stays whole.

    """

    def left(held: np.ndarray, then: np.ndarray, total: np.ndarray) -> np.ndarray:
        return np.asarray(held - share * np.maximum(0.0, held - (total - then)))

    return _bounded(
        left(evidence.wins, at_refresh.wins, now.wins),
        left(evidence.pitches, at_refresh.pitches, now.pitches),
        left(evidence.expected, at_refresh.expected, now.expected),
        left(evidence.scored, at_refresh.scored, now.scored),
    )


def damp(evidence: Evidence, factor: np.ndarray) -> Evidence:
    """Multiply the evidence by a factor in [0, 1], shape (pairs,): the `evidence` reading of the recursion.

    Examples
    --------
    >>> one = np.ones(1)
    >>> damped = damp(Evidence(9 * one, 10 * one, one, 10 * one), np.array([0.1]))
    >>> damped.wins.round(12), damped.pitches.round(12)
    (array([0.9]), array([1.]))

    """
    return Evidence(
        evidence.wins * factor,
        evidence.pitches * factor,
        evidence.expected * factor,
        evidence.scored * factor,
    )


def _bounded(wins: np.ndarray, pitches: np.ndarray, expected: np.ndarray, scored: np.ndarray) -> Evidence:
    wins = np.maximum(0.0, wins)
    pitches = np.maximum(wins, pitches)
    return Evidence(wins, pitches, np.maximum(0.0, expected), np.clip(scored, 0.0, pitches))
