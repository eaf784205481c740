"""Every pitch of the history with its outcome, and what was known of its pair before it was made."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, tzinfo

import numpy as np
from numpy.typing import NDArray

from dog.core.events import EventType
from dog.core.iso_weeks import WEEK_MS, week_end_ms, week_of
from dog.offline.statistics.discrimination import Floats
from dog.offline.statistics.intervals import Clusters

MAX_OPEN_SHARE = 0.1
"""Share of a week's pitches that may be unresolved for the week to count as complete."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeEvent:
    """A pitch, outcome or verdict from the log; `pitch_id` is the pitch that an outcome settles, where reported."""

    contact: int
    product: int
    at_ms: int
    kind: EventType
    event_id: str
    pitch_id: str | None = None
    propensity: float = float("nan")
    variant: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pitches:
    """Resolved pitches in time order, arrays of shape (pitches,).

    `contact`, `product` and `pair` are numbers from 0, `week` is the ISO week of the pitch as in
    `dog.core.iso_weeks`; `at_ms` is when the pitch was made, `settled_ms` when its
    outcome was known (ms since 1970); `won` is 1 or 0 (lost, or no answer); `propensity` is NaN and `variant`
    empty where not known.
    """

    contact: NDArray[np.int64]
    product: NDArray[np.int64]
    pair: NDArray[np.int64]
    week: NDArray[np.int64]
    at_ms: NDArray[np.int64]
    settled_ms: NDArray[np.int64]
    won: Floats
    propensity: Floats
    variant: NDArray[np.str_]

    def __len__(self) -> int:
        """Return the number of pitches."""
        return len(self.at_ms)

    @property
    def clusters(self) -> Clusters:
        """What a bootstrap draws whole: contacts, and weeks, which stand for campaigns."""
        return Clusters(self.contact, self.week)

    def where(self, chosen: NDArray[np.bool_]) -> "Pitches":
        """Select pitches by a mask."""
        return Pitches(**{field.name: getattr(self, field.name)[chosen] for field in fields(self)})


def settle_complete_weeks(
    events: Sequence[OutcomeEvent], as_of_ms: int, maturation_ms: int, zone: tzinfo = UTC
) -> Pitches:
    """Find the outcome of each pitch of all weeks before the first one with more than 10 % open pitches.

    An outcome settles the pitch that it names, else the oldest open one of its pair, else it implies one at its own
    time. A pitch without an answer is lost once it is older than `maturation_ms`. Events after `as_of_ms` are ignored.
    ISO weeks of pitches are those of the time zone.
    Where losses are not reported, the resolved pitches of the last weeks are the won ones alone; counting them
    would put the win rate near 1.
    """
    found, open_ms = _settle(events, as_of_ms, maturation_ms)
    weeks_ago = (as_of_ms - np.array([pitch.at_ms for pitch, _, _ in found], np.int64)) // WEEK_MS
    open_weeks_ago = (as_of_ms - np.array(open_ms, np.int64)) // WEEK_MS
    length = 1 + int(max(open_weeks_ago, default=0))
    still_open = np.bincount(open_weeks_ago, minlength=length)
    ended = np.bincount(weeks_ago[weeks_ago < length], minlength=length)
    incomplete = np.flatnonzero(still_open > MAX_OPEN_SHARE * (still_open + ended))
    first_week = int(incomplete.max()) + 1 if len(incomplete) else 0
    return _tabulate([row for row, ago in zip(found, weeks_ago.tolist(), strict=True) if ago >= first_week], zone)


def _settle(
    events: Sequence[OutcomeEvent], as_of_ms: int, maturation_ms: int
) -> tuple[list[tuple[OutcomeEvent, int, float]], list[int]]:
    """Return pitches with the instant and value of their outcome, and the instants of the open pitches."""
    seen = sorted((e for e in events if e.at_ms <= as_of_ms), key=lambda e: (e.contact, e.product, e.at_ms, e.event_id))
    found: list[tuple[OutcomeEvent, int, float]] = []
    open_ms: list[int] = []
    waiting: deque[OutcomeEvent] = deque()
    of: tuple[int, int] | None = None
    for event in seen:
        if (pair := (event.contact, event.product)) != of:
            _mature(waiting, as_of_ms, maturation_ms, found, open_ms)
            waiting, of = deque(), pair
        if event.kind is EventType.PITCH:
            waiting.append(event)
        elif event.kind in (EventType.WIN, EventType.LOSS):
            found.append((_settled(waiting, event), event.at_ms, float(event.kind is EventType.WIN)))
    _mature(waiting, as_of_ms, maturation_ms, found, open_ms)
    found.sort(key=lambda row: (row[0].at_ms, row[0].event_id))
    return found, open_ms


def _settled(waiting: deque[OutcomeEvent], outcome: OutcomeEvent) -> OutcomeEvent:
    """Remove and return the pitch that an outcome settles; the outcome itself where none is open."""
    if not waiting:
        return outcome
    if outcome.pitch_id:
        for place, pitch in enumerate(waiting):
            if pitch.event_id == outcome.pitch_id:
                del waiting[place]
                return pitch
    return waiting.popleft()


def _mature(
    waiting: deque[OutcomeEvent],
    as_of_ms: int,
    maturation_ms: int,
    found: list[tuple[OutcomeEvent, int, float]],
    open_ms: list[int],
) -> None:
    for pitch in waiting:
        if pitch.at_ms + maturation_ms <= as_of_ms:
            found.append((pitch, pitch.at_ms + maturation_ms, 0.0))
        else:
            open_ms.append(pitch.at_ms)


def _tabulate(found: Sequence[tuple[OutcomeEvent, int, float]], zone: tzinfo = UTC) -> Pitches:
    contact = np.array([pitch.contact for pitch, _, _ in found], np.int64)
    product = np.array([pitch.product for pitch, _, _ in found], np.int64)
    pair = np.unique(np.stack([contact, product]), axis=1, return_inverse=True)[1] if found else contact
    at_ms = np.array([pitch.at_ms for pitch, _, _ in found], np.int64)
    return Pitches(
        contact=contact,
        product=product,
        pair=pair.reshape(-1).astype(np.int64),
        week=_weeks(at_ms, zone),
        at_ms=at_ms,
        settled_ms=np.array([settled for _, settled, _ in found], np.int64),
        won=np.array([won for _, _, won in found], np.float64),
        propensity=np.array([pitch.propensity for pitch, _, _ in found], np.float64),
        variant=np.array([pitch.variant for pitch, _, _ in found], np.str_),
    )


def _weeks(at_ms: NDArray[np.int64], zone: tzinfo) -> NDArray[np.int64]:
    if not len(at_ms):
        return at_ms
    first, last = week_of(int(at_ms.min()), zone), week_of(int(at_ms.max()), zone)
    ends = np.array([week_end_ms(week, zone) for week in range(first, last + 1)], np.int64)
    return first + np.searchsorted(ends, at_ms, side="right").astype(np.int64)


@dataclass(frozen=True, slots=True)
class PastRecord:
    """Resolved pitches of a group (pair, product) that were known when each pitch was made, shape (pitches,)."""

    wins: Floats
    pitches: Floats


def past_record(pitches: Pitches, group: NDArray[np.int64]) -> PastRecord:
    """Count the wins and resolved pitches of each pitch's group (such as `pitches.pair`) settled strictly before it.

    A pitch never counts itself, nor one whose outcome came later.
    """
    moments = np.unique(np.concatenate([pitches.at_ms, pitches.settled_ms]))
    span = len(moments) + 1
    settled = group * span + np.searchsorted(moments, pitches.settled_ms)
    order = np.argsort(settled, kind="stable")
    keys, wins = settled[order], np.concatenate([[0.0], np.cumsum(pitches.won[order])])
    first = np.searchsorted(keys, group * span)
    until = np.searchsorted(keys, group * span + np.searchsorted(moments, pitches.at_ms))
    return PastRecord(wins[until] - wins[first], (until - first).astype(np.float64))
