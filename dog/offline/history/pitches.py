"""Every pitch of the history with its outcome, and what was known of its pair before it was made."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, tzinfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dog.core.iso_weeks import WEEK_MS, week_end_ms, week_of
from dog.core.learning.event_states import LOST, OPEN, WON, settling_events
from dog.core.learning.ledger_chunk import outcome_pairs
from dog.core.records import pair_keys
from dog.offline.statistics.discrimination import Floats
from dog.offline.statistics.intervals import Clusters

MAX_OPEN_SHARE = 0.1
"""Share of a week's pitches that may be unresolved for the week to count as complete."""

RESOLVED = np.dtype(
    [
        ("contact", "<i8"),
        ("product", "<i8"),
        ("at_ms", "<i8"),
        ("settled_ms", "<i8"),
        ("event", "<u8"),  # digest of the pitch's id, or of the outcome's that implies it
        ("streak_days", "<f8"),
        ("streak", "<i4"),
        ("variant", "<i4"),  # index of the variant
        ("won", "?"),
    ]
)
"""A resolved pitch, the streak of its pair when it was made, and which variant made its list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pitches:
    """Resolved pitches in time order, arrays of shape (pitches,).

    `contact`, `product` and `pair` are numbers from 0, those of pairs in the order of their first pitch; `week` is the
    ISO week of the pitch as in `dog.core.iso_weeks`; `at_ms` is when the pitch was made, `settled_ms` when its
    outcome was known (ms since 1970); `won` is 1 or 0 (lost, or no answer); `variant` is empty where not known.
    """

    contact: NDArray[np.int64]
    product: NDArray[np.int64]
    pair: NDArray[np.int64]
    week: NDArray[np.int64]
    at_ms: NDArray[np.int64]
    settled_ms: NDArray[np.int64]
    won: Floats
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


def settle_pitches(
    outcomes: np.ndarray,
    starts: NDArray[np.int64],
    contact: NDArray[np.int64],
    product: NDArray[np.int64],
    *,
    as_of_ms: int,
    maturation_ms: int,
) -> tuple[np.ndarray, NDArray[np.int64]]:
    """Find the outcome of each pitch; return records of `RESOLVED`, and when each pitch was made that is still open.

    `outcomes` are records of `OUTCOME` grouped by pair, inside a pair in their order; `starts`, `contact` and `product`
    are of the pairs. An outcome settles the pitch that it names, else the oldest open one of its pair, else it implies
    one at its own time. A pitch without an answer is lost once it is older than `maturation_ms`. Events after
    `as_of_ms` are ignored.
    """
    pair, at_ms = outcome_pairs(starts, len(outcomes)), outcomes["at"].astype(np.int64)
    state, settled_by = settling_events(outcomes, pair, at_ms <= as_of_ms)
    matured = (state == OPEN) & (at_ms + maturation_ms <= as_of_ms)
    rows = np.flatnonzero((state == WON) | (state == LOST) | matured)
    found = np.zeros(len(rows), RESOLVED)
    found["contact"], found["product"] = contact[pair[rows]], product[pair[rows]]
    found["at_ms"], found["event"], found["won"] = at_ms[rows], outcomes["event"][rows], state[rows] == WON
    found["settled_ms"] = at_ms[rows] + maturation_ms
    answered = np.flatnonzero(~matured[rows])
    found["settled_ms"][answered] = at_ms[settled_by[rows[answered]]]
    return found, at_ms[(state == OPEN) & ~matured]


def complete_weeks(found: np.ndarray, open_ms: NDArray[np.int64], as_of_ms: int) -> np.ndarray:
    """Select the resolved pitches of all weeks before the first one with more than 10 % open pitches.

    Where losses are not reported, the resolved pitches of the last weeks are the won ones alone; counting them
    would put the win rate near 1.
    """
    weeks_ago, open_weeks_ago = ((as_of_ms - made) // WEEK_MS for made in (found["at_ms"], open_ms))
    length = 1 + int(max(open_weeks_ago, default=0))
    still_open = np.bincount(open_weeks_ago, minlength=length)
    ended = np.bincount(weeks_ago[weeks_ago < length], minlength=length)
    incomplete = np.flatnonzero(still_open > MAX_OPEN_SHARE * (still_open + ended))
    first_week = int(incomplete.max()) + 1 if len(incomplete) else 0
    return found if first_week == 0 else found[weeks_ago >= first_week]


def in_order(found: np.ndarray) -> np.ndarray:
    """Sort resolved pitches by time; those of one instant by the digest of their id."""
    return found[np.lexsort((found["event"], found["at_ms"]))]


def tabulate(found: np.ndarray, variants: Sequence[str], zone: tzinfo = UTC) -> Pitches:
    """Return resolved pitches, in order, as columns; ISO weeks are those of the time zone."""
    contact, product, at_ms = (found[name].copy() for name in ("contact", "product", "at_ms"))
    pair = pd.factorize(pair_keys(contact, product))[0]
    return Pitches(
        contact=contact,
        product=product,
        pair=pair,
        week=_weeks(at_ms, zone),
        at_ms=at_ms,
        settled_ms=found["settled_ms"].copy(),
        won=found["won"].astype(np.float64),
        variant=np.array(variants, np.str_)[found["variant"]],
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
    settled, span = np.argsort(pitches.settled_ms, kind="stable"), len(pitches) + 1
    settled_before = np.searchsorted(pitches.settled_ms[settled], pitches.at_ms)
    place = np.argsort(group[settled], kind="stable")
    order = settled[place]
    keys, wins = group[order] * span + place, np.concatenate([[0.0], np.cumsum(pitches.won[order])])
    first = np.searchsorted(keys, group * span)
    until = np.searchsorted(keys, group * span + settled_before)
    return PastRecord(wins[until] - wins[first], (until - first).astype(np.float64))
