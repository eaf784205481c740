"""Count pitches by the channel and the time that they went by: for each contact, and over all contacts by segment.

Sums are whole numbers (`exact_sums.py`), so neither the order of contacts nor their chunks matter. Archived pitches no
longer count: their records do not say what they went by.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

import numpy as np

from dog.core.events import EventType
from dog.core.iso_weeks import WEEK_MS
from dog.core.learning.attribute_ratios import ValueTally
from dog.core.learning.delay_curve import arrived_shares
from dog.core.learning.event_states import OPEN, WON
from dog.core.learning.exact_sums import UNITS
from dog.core.learning.ledger_chunk import LedgerChunk, outcome_pairs
from dog.core.learning.pitch_results import WEEKS, distinct, results
from dog.core.records import ATTRIBUTES, SEGMENT, VALUE_COUNTS

KEY_BITS = 17
"""A key is attribute (1 bit), segment and value (a byte each)."""


def value_key(attribute: int, segment: int, value: int) -> int:
    """Return attribute, segment and value as one number, given theirs.

    >>> value_key(1, 2, 3) == 1 << 16 | 2 << 8 | 3
    True

    """
    return attribute << 16 | segment << 8 | value


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeCounts:
    """Pitches of a chunk by contact and key, settled and pending in part; arrays of shape (rows,)."""

    contact: np.ndarray  # index in the chunk, ascending
    key: np.ndarray  # `value_key`, ascending inside a contact
    wins: np.ndarray
    pitches: np.ndarray  # in units of 2^-32
    expected: np.ndarray  # calibrated scores when pitched, in units of 2^-32


NO_COUNTS = AttributeCounts(**dict.fromkeys(("contact", "key", "wins", "pitches", "expected"), np.zeros(0, np.int64)))


@dataclass(slots=True, kw_only=True)
class AttributeSums:
    """Counts of all contacts by key: wins, pitches and expected wins (in units), and the weeks of each."""

    sums: dict[int, tuple[int, int, int]] = field(default_factory=dict)
    weeks: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))  # distinct keys and weeks, as numbers

    def add(self, other: Self) -> None:
        """Add the sums of other contacts."""
        for key, (wins, pitches, expected) in other.sums.items():
            mine = self.sums.get(key, (0, 0, 0))
            self.sums[key] = (mine[0] + wins, mine[1] + pitches, mine[2] + expected)
        if len(other.weeks):
            self.weeks = distinct(np.concatenate([self.weeks, other.weeks]))

    def tallies(self) -> dict[int, ValueTally]:
        """Return the tally of each key, in their order."""
        weeks = dict.fromkeys(self.sums, 0)
        for key in (self.weeks // WEEKS).tolist():
            weeks[key] += 1
        return {
            key: ValueTally(wins, pitches / UNITS, expected / UNITS, weeks[key])
            for key, (wins, pitches, expected) in sorted(self.sums.items())
        }


def keyed_pitches(pitches: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the place and the key of each pitch that has a channel, then of those that have a time."""
    places, keys, numbers = [], [], pitches["pitched_by"]
    for attribute in range(len(ATTRIBUTES)):
        place = np.flatnonzero(numbers[:, attribute])
        segment, value = (numbers[place, which].astype(np.int64) for which in (SEGMENT, attribute))
        places.append(place)
        keys.append(np.int64(attribute << 16) | segment << 8 | value)
    return np.concatenate(places), np.concatenate(keys)


def has_values(outcomes: np.ndarray) -> np.ndarray:
    """Mark the records of pitches that have a channel or a time, shape (events,)."""
    channel, time, _ = outcomes["pitched_by"].T
    return np.asarray((channel | time) > 0)


def count_attributes(
    chunk: LedgerChunk, end_ms: int, maturation_ms: int, delay_curve: tuple[float, ...]
) -> tuple[AttributeCounts, AttributeSums]:
    """Count the pitches that have a score and a channel or time, as seen at an instant; pending ones in part."""
    outcomes = chunk.outcomes
    counted = has_values(outcomes) & (outcomes["type"] == EventType.PITCH) & ~np.isnan(outcomes["score"])
    if not counted.any():
        return NO_COUNTS, AttributeSums()
    pair = outcome_pairs(chunk.starts, len(outcomes))
    chosen = np.zeros(len(chunk.starts), bool)
    chosen[pair[counted]] = True
    rows = np.flatnonzero(chosen[pair])
    events, at = outcomes.take(rows), outcomes["at"][rows].astype(np.int64)
    state = results(events, pair[rows], np.zeros(len(rows), bool), end_ms, maturation_ms)
    share = np.where(state == OPEN, arrived_shares(end_ms - at, maturation_ms, delay_curve), 1.0)
    kept = np.flatnonzero(counted[rows] & (at < end_ms) & (share > 0))
    place, key = keyed_pitches(events.take(kept))
    rows, of = rows[kept][place], kept[place]
    score = events["score"][of].astype(np.float64)
    columns = [(state[of] == WON).astype(np.int64), _units(share[of]), _units(share[of] * score)]
    weeks_ago = (end_ms - 1 - at[of]) // WEEK_MS
    by_contact = (chunk.contact[pair[rows]].astype(np.int64) << KEY_BITS) | key
    owners, sums = _sum_by(by_contact, columns)
    counts = AttributeCounts(
        contact=owners >> KEY_BITS,
        key=owners & ((1 << KEY_BITS) - 1),
        **dict(zip(("wins", "pitches", "expected"), sums, strict=True)),
    )
    keys, totals = _sum_by(key, columns)
    columns_of_key = zip(*(total.tolist() for total in totals), strict=True)
    return counts, AttributeSums(
        sums=dict(zip(keys.tolist(), columns_of_key, strict=True)), weeks=distinct(key * WEEKS + weeks_ago)
    )


def _units(values: np.ndarray) -> np.ndarray:
    return np.rint(values * UNITS).astype(np.int64)


def _sum_by(numbers: np.ndarray, columns: list[np.ndarray]) -> tuple[np.ndarray, list[np.ndarray]]:
    """Return the distinct numbers and the exact sums of each column over them."""
    found = distinct(numbers)
    place, sums = np.searchsorted(found, numbers), []
    for column in columns:
        total = np.zeros(len(found), np.int64)
        np.add.at(total, place, column)
        sums.append(total)
    return found, sums


def compared_counts(counts: AttributeCounts, ratios: Mapping[int, float]) -> tuple[np.ndarray, np.ndarray]:
    """Return the records of `VALUE_COUNTS` of contacts pitched by two values of an attribute, and their contacts.

    One value alone cannot be compared. `ratios` is r_s of each key: each expected win counts so often.
    """
    if not len(counts.key):
        return counts.contact, np.zeros(0, VALUE_COUNTS)
    ratio = np.array([ratios.get(key, 1.0) for key in counts.key.tolist()])
    attribute, value = counts.key >> 16, counts.key & 0xFF
    merged = (counts.contact << 9) | (attribute << 8) | value  # one row for all segments that the contact had
    found = distinct(merged)
    place = np.searchsorted(found, merged)
    records = np.zeros(len(found), VALUE_COUNTS)
    records["attribute"], records["value"] = found >> 8 & 1, found & 0xFF
    weights = {"wins": counts.wins, "pitches": counts.pitches / UNITS, "expected": counts.expected / UNITS * ratio}
    for name, weight in weights.items():
        records[name] = np.bincount(place, weights=weight, minlength=len(found))
    group = found >> 8  # contact and attribute
    starts = np.flatnonzero(np.append(True, group[1:] != group[:-1]))
    sizes = np.diff(np.append(starts, len(group)))
    kept = np.repeat(sizes > 1, sizes)
    return found[kept] >> 9, records[kept]
