"""Cohorts of pitches: what has become of the pitches of a day, a product or a channel, and what is still to come."""

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from dog.core.kernels.settle_events import LOST, NOTHING, OPEN, WON
from dog.core.learning.delay_curve import arrived_shares
from dog.core.learning.event_states import event_states
from dog.core.learning.ledger_chunk import LedgerChunk, outcome_pairs

ENOUGH_SCORED = 0.9
"""Share of pitches with a score from which on their mean stands for all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What open pitches are judged by."""

    as_of_ms: int  # outcomes from this instant on are not seen
    maturation_ms: int  # age at which an open pitch counts as lost
    delay_curve: tuple[float, ...]  # share of wins that have come by an age; empty while there are too few wins
    tenant_ratio: float  # wins over those that the scores expected, of all pitches
    global_rate: float  # win rate of a pitch without a score


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortPitches:
    """Pitches, one a row, arrays of shape (pitches,)."""

    pair: np.ndarray  # index of the pair in the chunk
    at_ms: np.ndarray
    product: np.ndarray
    channel: np.ndarray  # number of the value, 0 where not known
    segment: np.ndarray
    state: np.ndarray  # WON, LOST or OPEN
    score: np.ndarray  # NaN where not known
    to_come: np.ndarray  # wins expected from now on of a pitch of this age, whatever its state


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """Sums over some pitches."""

    pitches: int = 0
    won: int = 0
    lost: int = 0  # matured ones included
    expected: float = 0.0  # scores when pitched, summed over the pitches that carry one
    scored: int = 0  # pitches that carry one
    to_come: float = 0.0

    def __add__(self, other: "Cohort") -> "Cohort":
        """Add the pitches of another cohort."""
        return Cohort(**{one.name: getattr(self, one.name) + getattr(other, one.name) for one in fields(self)})

    @property
    def open(self) -> int:
        """Pitches that are neither won nor lost."""
        return self.pitches - self.won - self.lost

    @property
    def expected_rate(self) -> float | None:
        """The win rate that the models expected when the pitches were made.

        None where fewer than nine of ten carry a score: all pitches would be compared with what a few expected.
        """
        return self.expected / self.scored if self.scored and self.scored >= ENOUGH_SCORED * self.pitches else None

    @property
    def final_wins(self) -> float:
        """Wins so far and those to come of the pitches that are open (Bornhuetter & Ferguson 1972).

        >>> Cohort(pitches=100, won=5, lost=20, to_come=3.0).final_wins
        8.0
        >>> Cohort(pitches=10, won=5, lost=4, to_come=3.0).final_wins
        6

        """
        return self.won + min(self.to_come, self.open)

    @property
    def final_rate(self) -> float | None:
        """The win rate once no pitch is open, estimated; None without pitches."""
        return self.final_wins / self.pitches if self.pitches else None


def list_pitches(chunk: LedgerChunk, outlook: Outlook) -> CohortPitches:
    """List the pitches of a chunk; a win or loss without a pitch implies one at its own time."""
    outcomes = chunk.outcomes
    pair, at_ms = outcome_pairs(chunk.starts, len(outcomes)), outcomes["at"].astype(np.int64)
    state = event_states(outcomes, pair, at_ms < outlook.as_of_ms)
    rows = np.flatnonzero(state != NOTHING)
    at_ms, score, by = at_ms[rows], outcomes["score"][rows].astype(np.float64), outcomes["pitched_by"][rows]
    age_ms = outlook.as_of_ms - at_ms
    state = np.where((state[rows] == OPEN) & (age_ms >= outlook.maturation_ms), LOST, state[rows])
    chance = np.where(np.isnan(score), outlook.global_rate, np.minimum(outlook.tenant_ratio * score, 1.0))
    late = 1.0 - arrived_shares(age_ms, outlook.maturation_ms, outlook.delay_curve)
    return CohortPitches(
        pair=pair[rows],
        at_ms=at_ms,
        product=outcomes["product"][rows].astype(np.int64),
        channel=by[:, 0].astype(np.int64),
        segment=by[:, 2].astype(np.int64),
        state=state,
        score=score,
        to_come=np.where(age_ms < outlook.maturation_ms, chance * late, 0.0),
    )


def sum_pitches(pitches: CohortPitches, group: np.ndarray) -> NDArray[np.float64]:
    """Sum pitches by group, shape (fields of `Cohort`, groups); pitches of a group below 0 are left out."""
    chosen = group >= 0
    groups, score = group[chosen], pitches.score[chosen]
    columns = (
        np.ones(len(groups)),
        pitches.state[chosen] == WON,
        pitches.state[chosen] == LOST,
        np.nan_to_num(score),
        ~np.isnan(score),
        pitches.to_come[chosen],
    )
    return np.array([np.bincount(groups, weights=column) for column in columns])


def add_groups(total: NDArray[np.float64], sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Add sums by group, of which either may have more groups."""
    size = max(total.shape[1], sums.shape[1])
    return np.asarray(sum(np.pad(one, ((0, 0), (0, size - one.shape[1]))) for one in (total, sums)))


NO_GROUPS: NDArray[np.float64] = np.zeros((len(fields(Cohort)), 0))


def read_cohorts(sums: NDArray[np.float64]) -> Iterator[tuple[int, Cohort]]:
    """Return the groups that have pitches, each with its cohort."""
    for group in np.flatnonzero(sums[0]).tolist():
        pitches, won, lost, expected, scored, to_come = sums[:, group].tolist()
        yield (
            group,
            Cohort(
                pitches=round(pitches),
                won=round(won),
                lost=round(lost),
                expected=expected,
                scored=round(scored),
                to_come=to_come,
            ),
        )
