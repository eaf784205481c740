"""What became of each pitch: the rows from which trust is learned, and the weeks in which products were pitched."""

from dataclasses import fields

import numpy as np

from dog.core.events import EventType
from dog.core.iso_weeks import WEEK_MS
from dog.core.learning.event_states import LOST, OPEN, WON, event_states
from dog.core.learning.ledger_chunk import LedgerChunk, outcome_pairs
from dog.core.learning.trust import SettledPitches
from dog.core.records import pitch_log_ratios

WEEKS = 1 << 20
"""More than the weeks since 1970: a product and a week make one number."""
MAX_TABLE = 1 << 18
"""Products times weeks up to which distinct ones are marked in a table."""


def newly_settled(
    chunk: LedgerChunk, end_ms: int, previous_end_ms: int, maturation_ms: int
) -> tuple[np.ndarray, np.ndarray]:
    """Find the pitches with a score that are settled at the week's end and were not in the week before.

    Parameters
    ----------
    chunk
        The outcomes; `is_new` marks those that the version of the week before has not seen.
    end_ms, previous_end_ms
        First instants after this week and after that version's, milliseconds since 1970.
    maturation_ms
        Age at which an open pitch counts as lost.

    Returns
    -------
    Their rows in `chunk.outcomes`, and 1 or 0 for won or lost, shape (pitches,) each.

    """
    outcomes = chunk.outcomes
    pair = outcome_pairs(chunk.starts, len(outcomes))
    settled = (outcomes["type"] == EventType.PITCH) & ~np.isnan(outcomes["score"])
    if not settled.any():
        return np.zeros(0, np.int64), np.zeros(0)
    now = results(outcomes, pair, np.zeros(len(outcomes), bool), end_ms, maturation_ms)
    settled &= now != OPEN
    if not chunk.is_new.all():
        settled &= results(outcomes, pair, chunk.is_new, previous_end_ms, maturation_ms) == OPEN
    rows = np.flatnonzero(settled)
    return rows, (now[rows] == WON).astype(np.float64)


def settled_pitches(pitches: np.ndarray, won: np.ndarray) -> SettledPitches:
    """Return pitches with what was known when they were made, given their records of `OUTCOME`."""
    product_log_ratio, pair_log_ratio = pitch_log_ratios(pitches)
    return SettledPitches(
        product=pitches["product"].astype(np.int64),
        score=pitches["score"].astype(np.float64),
        product_log_ratio=product_log_ratio.astype(np.float64),
        pair_log_ratio=pair_log_ratio.astype(np.float64),
        won=won,
    )


def results(
    outcomes: np.ndarray, pair: np.ndarray, unseen: np.ndarray, as_of_ms: int, maturation_ms: int
) -> np.ndarray:
    """Return whether each pitch is `OPEN`, `LOST` or `WON` at an instant, shape (events,).

    Events are grouped by `pair`, inside a pair in their order; those that are `unseen` or later do not count. A win or
    loss settles the pitch that it names, else the oldest open one; without one it implies a pitch, and has its result
    itself. All other events count as open.
    """
    at = outcomes["at"].astype(np.int64)
    state = event_states(outcomes, pair, ~unseen & (at < as_of_ms))
    matured = (state == OPEN) & (at <= as_of_ms - maturation_ms)
    return np.where(matured, LOST, np.minimum(state, OPEN)).astype(np.int8)


def join_pitches(parts: list[SettledPitches]) -> SettledPitches:
    """Join the pitches of several chunks, in the order given."""
    columns = {one.name: np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(SettledPitches)}
    return SettledPitches(**columns)


NO_PITCHES = SettledPitches(
    product=np.zeros(0, np.int64),
    score=np.zeros(0),
    product_log_ratio=np.zeros(0),
    pair_log_ratio=np.zeros(0),
    won=np.zeros(0),
)


def product_weeks(outcomes: np.ndarray, end_ms: int, *, pitches: bool) -> np.ndarray:
    """Return the distinct products and weeks of pitches before an instant (else of wins and losses), as numbers.

    Weeks are counted back from that instant. `count_weeks` reads the numbers.
    """
    at, kind = outcomes["at"].astype(np.int64), outcomes["type"]
    of_kind = kind == EventType.PITCH if pitches else (kind == EventType.WIN) | (kind == EventType.LOSS)
    rows = np.flatnonzero(of_kind & (at < end_ms))
    weeks_ago = (end_ms - 1 - at[rows]) // WEEK_MS
    product, width = outcomes["product"][rows].astype(np.int64), int(weeks_ago.max(initial=0)) + 1
    size = (int(product.max(initial=0)) + 1) * width
    if size > MAX_TABLE:
        return distinct(product * WEEKS + weeks_ago)
    table = np.zeros(size, bool)  # ten times as fast as sorting
    table[product * width + weeks_ago] = True
    found = np.flatnonzero(table)
    return found // width * WEEKS + found % width


def distinct(numbers: np.ndarray) -> np.ndarray:
    """Return the distinct ones of some numbers, ascending (`np.unique` imports masked arrays, a tenth of a week)."""
    ordered = np.sort(numbers)
    return ordered[np.append(np.ones(min(len(ordered), 1), bool), ordered[1:] != ordered[:-1])]


def count_weeks(pitched: np.ndarray, settled: np.ndarray, product_count: int) -> np.ndarray:
    """Count the weeks in which each product was pitched; without any pitch, those in which it was won or lost.

    `pitched` and `settled` are the numbers of `product_weeks`; shape (products,).
    """
    by_pitch, by_outcome = (
        np.bincount(numbers // WEEKS, minlength=product_count)[:product_count] for numbers in (pitched, settled)
    )
    return np.where(by_pitch > 0, by_pitch, by_outcome)
