"""Settlement: which pitches are won, lost, matured into losses, or still pending."""

from dataclasses import dataclass, fields, replace

import numpy as np

from dog.core.events import EventType
from dog.core.iso_weeks import DAY_MS
from dog.core.learning.delay_curve import NO_CURVE, arrived_shares
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
        (occurred_at, event_id); `CARRIED` ones among them are added to the counts, whatever the instant.
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
    pairs = len(starts)
    pair = outcome_pairs(starts, len(outcomes))
    at = outcomes["at"].astype(np.int64)
    kind = outcomes["type"].copy()  # contiguous: read several times
    seen = at < as_of_ms
    is_pitch = seen & (kind == EventType.PITCH)
    won, lost = (seen & (kind == what) for what in (EventType.WIN, EventType.LOSS))
    is_open = open_pitches(outcomes, pair, is_pitch, won | lost, starts)
    matured = is_open & (at <= as_of_ms - maturation_ms)
    resolved = np.flatnonzero(is_pitch & (~is_open | matured))
    score = outcomes["score"][resolved].astype(np.float64)
    scored = pair[resolved[~np.isnan(score)]]
    pending = np.flatnonzero(is_open & ~matured)
    parts = np.zeros((3, pairs))
    if delay_curve and len(pending):
        days = (as_of_ms - at[pending]) // DAY_MS  # whole days: more pairs are equal
        share = arrived_shares(days * DAY_MS, maturation_ms, delay_curve)
        waiting = outcomes["score"][pending].astype(np.float64)
        columns = (share, share * np.nan_to_num(waiting), share * ~np.isnan(waiting))
        parts = np.array([np.bincount(pair[pending], weights=column, minlength=pairs) for column in columns])
    settled = Settled(
        wins=np.bincount(pair[won], minlength=pairs),
        losses=np.bincount(pair[lost | matured], minlength=pairs),
        pending=np.bincount(pair[pending], minlength=pairs),
        expected=np.bincount(scored, weights=score[~np.isnan(score)], minlength=pairs),
        scored=np.bincount(scored, minlength=pairs).astype(np.float64),
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


def open_pitches(
    outcomes: np.ndarray, pair: np.ndarray, is_pitch: np.ndarray, settles: np.ndarray, starts: np.ndarray
) -> np.ndarray:
    """Mark the pitches that nothing has settled, shape (events,).

    `pair` is the index of each event's pair, `starts` that of each pair's first event, as in `settle`.

    Where no event names its pitch, the last ones are open: as many as a balance of +1 for a pitch and -1 for a
    settlement, raised by one wherever a pitch is implied.
    """
    if not is_pitch.any():
        return is_pitch
    last = np.append(starts[1:], len(pair)) - 1
    step = is_pitch.astype(np.int64) - settles
    total = np.cumsum(step)
    balance = total - np.repeat(total[starts] - step[starts], last - starts + 1)
    open_count = balance[last] - np.minimum(np.minimum.reduceat(balance, starts), 0)
    pitch_rank = np.cumsum(is_pitch)
    pitches_after = pitch_rank[last][pair] - pitch_rank  # later pitches of the same pair
    is_open = is_pitch & (pitches_after < open_count[pair])
    # a name only matters where there is a choice of pitches
    chooses = np.bincount(pair[is_pitch], minlength=len(starts)) > 1
    named = np.bincount(pair[settles & (outcomes["pitch"] != 0) & chooses[pair]])  # np.unique imports more
    for one in np.flatnonzero(named):
        rows = slice(starts[one], last[one] + 1)
        is_open[rows] = _open_by_name(outcomes[rows], is_pitch[rows], settles[rows])
    return np.asarray(is_open)


def _open_by_name(outcomes: np.ndarray, is_pitch: np.ndarray, settles: np.ndarray) -> np.ndarray:
    """Walk one pair's events in order, settling by name."""
    waiting: dict[int, int] = {}  # event digest -> row, oldest first
    events, names = outcomes["event"].tolist(), outcomes["pitch"].tolist()
    for row, (pitched, settled) in enumerate(zip(is_pitch.tolist(), settles.tolist(), strict=True)):
        if pitched:
            waiting[events[row]] = row
        elif settled and waiting:
            waiting.pop(names[row] if names[row] in waiting else next(iter(waiting)))
    is_open = np.zeros(len(outcomes), bool)
    is_open[list(waiting.values())] = True
    return is_open
