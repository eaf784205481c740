"""Settlement: which pitches are won, lost, matured into losses, or still pending."""

from dataclasses import dataclass, fields, replace

import numpy as np

from dog.core.events import EventType
from dog.core.iso_weeks import DAY_MS
from dog.core.kernels.settle_events import count_settled
from dog.core.learning.delay_curve import NO_CURVE, arrived_shares
from dog.core.learning.event_states import OPEN, event_states
from dog.core.learning.ledger_chunk import outcome_pairs
from dog.core.records import CARRIED, OUTCOME


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What became of each pair's pitches, arrays of shape (pairs,)."""

    wins: np.ndarray
    losses: np.ndarray  # matured pitches included
    pending: np.ndarray
    expected: np.ndarray  # calibrated scores at pitch time, summed over resolved pitches that carry one
    scored: np.ndarray  # resolved pitches that carry one
    part_pitches: np.ndarray  # pending pitches, each as far as its wins have come by its age
    part_expected: np.ndarray  # the same share of the calibrated scores of those that carry one
    part_scored: np.ndarray  # the same share of those that carry one

    def take(self, pairs: np.ndarray | slice) -> "Settled":
        """Select some of the pairs, by index."""
        return Settled(**{one.name: getattr(self, one.name)[pairs] for one in fields(self)})

    @property
    def resolved(self) -> np.ndarray:
        """Wins and losses, shape (pairs,)."""
        return np.asarray(self.wins + self.losses)

    @property
    def pitches(self) -> np.ndarray:
        """All pitches, implied ones included, shape (pairs,)."""
        return np.asarray(self.wins + self.losses + self.pending)


def settle(
    outcomes: np.ndarray,
    starts: np.ndarray,
    as_of_ms: int,
    maturation_ms: int,
    delay_curve: tuple[float, ...] = NO_CURVE,
) -> Settled:
    """Settle the pitches of every pair, as seen at an instant.

    A win or loss settles the pitch that it names, else the oldest one open, else a pitch is implied.
    A pitch still open after `maturation_ms` counts as lost, yet stays open: a later win takes the loss back.

    Parameters
    ----------
    outcomes
        Records of `dog.core.records.OUTCOME`, shape (events,), grouped by pair, inside a pair in the order of
        (occurred_at, event_id); `CARRIED` ones among them are added to the counts at any time.
    starts
        Index of each pair's first record in `outcomes`, shape (pairs,), ascending, from 0.
    as_of_ms
        The instant; what occurred at or after it is ignored.
    maturation_ms
        Age at which an open pitch counts as lost.
    delay_curve
        Share of the wins that have come by an age (`delay_curve.fit_delay_curve`); without one the parts of pending
        pitches are 0.

    Returns
    -------
    Counts of each pair, wins + losses + pending = pitches.

    """
    pair = outcome_pairs(starts, len(outcomes))
    at, kind = outcomes["at"].astype(np.int64), outcomes["type"].copy()
    matured_ms = as_of_ms - maturation_ms
    state = event_states(outcomes, pair, at < as_of_ms)
    counts, scores = np.zeros((3, len(starts)), np.int64), np.zeros((2, len(starts)))
    count_settled(pair, at, kind, outcomes["score"].copy(), state, as_of_ms, matured_ms, counts, scores)
    pending = np.flatnonzero((state == OPEN) & (at > matured_ms)) if delay_curve else np.zeros(0, np.int64)
    parts = np.zeros((3, len(starts)))
    if len(pending):
        days = (as_of_ms - at[pending]) // DAY_MS  # whole days: more pairs are equal
        share = arrived_shares(days * DAY_MS, maturation_ms, delay_curve)
        waiting = outcomes["score"][pending].astype(np.float64)
        columns = (share, share * np.nan_to_num(waiting), share * ~np.isnan(waiting))
        parts = np.array([np.bincount(pair[pending], weights=column, minlength=len(starts)) for column in columns])
    settled = Settled(
        wins=counts[0],
        losses=counts[1],
        pending=counts[2],
        expected=scores[0],
        scored=scores[1],
        part_pitches=parts[0],
        part_expected=parts[1],
        part_scored=parts[2],
    )
    is_carried = kind == EventType.CARRIED
    return _with_carried(settled, outcomes[is_carried], pair[is_carried]) if is_carried.any() else settled


def _with_carried(settled: Settled, records: np.ndarray, pair: np.ndarray) -> Settled:
    carried = records.astype(OUTCOME).view(CARRIED)
    added = {name: np.zeros(len(settled.wins)) for name in ("wins", "losses", "expected", "scored")}
    for name, total in added.items():
        np.add.at(total, pair, carried[name])
    return replace(
        settled,
        wins=settled.wins + added["wins"].astype(np.int64),
        losses=settled.losses + added["losses"].astype(np.int64),
        expected=settled.expected + added["expected"],
        scored=settled.scored + added["scored"],
    )
