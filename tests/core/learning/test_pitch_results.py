"""What became of each pitch: agrees with the settlement of pairs, and tells each pitch once."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dog.core.events import EventType
from dog.core.learning.event_states import LOST, OPEN, WON
from dog.core.learning.ledger_chunk import DIGEST, ContactBlock, LedgerChunk, outcome_pairs
from dog.core.learning.pitch_results import (
    count_weeks,
    distinct,
    newly_settled,
    product_weeks,
    results,
)
from dog.core.learning.settlement import settle
from dog.core.records import OUTCOME

DAY = 86_400_000
WEEK = 7 * DAY
KINDS = [EventType.PITCH, EventType.WIN, EventType.LOSS]


def ledger(events: list[tuple[int, int, int, int]]) -> tuple[np.ndarray, np.ndarray]:
    """Build outcomes of (pair, day, kind, number of the pitch it names), sorted, and the index of each pair's first."""
    found = np.zeros(len(events), OUTCOME)
    for row, (pair, day, kind, named) in enumerate(sorted(events, key=lambda event: event[:2])):
        found[row]["product"], found[row]["at"], found[row]["type"] = pair, day * DAY, KINDS[kind]
        found[row]["event"], found[row]["score"] = row + 1, 0.2
        if kind:
            found[row]["pitch"] = named
    return found, np.flatnonzero(np.diff(found["product"].astype(np.int64), prepend=-1))


def chunk_of(outcomes: np.ndarray, starts: np.ndarray, is_new: np.ndarray) -> LedgerChunk:
    return LedgerChunk(
        contacts=ContactBlock([0], [1], np.frombuffer(b"c" * 16, DIGEST)),
        contact=np.zeros(len(starts), np.int64),
        product=outcomes["product"][starts],
        starts=starts,
        outcomes=outcomes,
        is_new=is_new,
    )


events = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 60), st.integers(0, 2), st.integers(0, 12)), min_size=1, max_size=25
)


@given(events, st.integers(0, 70), st.integers(1, 40))
def test_pitches_are_won_lost_and_open_as_often_as_their_pairs(
    rows: list[tuple[int, int, int, int]], day: int, maturation_days: int
) -> None:
    outcomes, starts = ledger(rows)
    pair = outcome_pairs(starts, len(outcomes))
    state = results(outcomes, pair, np.zeros(len(outcomes), bool), day * DAY, maturation_days * DAY)
    settled = settle(outcomes, starts, day * DAY, maturation_days * DAY)
    pitched = (outcomes["type"] == EventType.PITCH) & (outcomes["at"].astype(np.int64) < day * DAY)
    resolved = np.bincount(pair[pitched & (state != OPEN)], minlength=len(starts))

    assert resolved.tolist() == settled.scored.tolist()
    assert (np.bincount(pair[pitched & (state == OPEN)], minlength=len(starts)) == settled.pending).all()
    assert (np.bincount(pair[pitched & (state == WON)], minlength=len(starts)) <= settled.wins).all()


@given(events, st.lists(st.integers(1, 70), min_size=1, max_size=5))
def test_week_after_week_each_settled_pitch_is_told_once(
    rows: list[tuple[int, int, int, int]], days: list[int]
) -> None:
    outcomes, starts = ledger(rows)
    told, before = 0, 0
    for end in sorted({day * DAY for day in days}):
        is_new = outcomes["at"].astype(np.int64) >= before
        told += len(newly_settled(chunk_of(outcomes, starts, is_new), end, before, 1000 * DAY)[1])
        before = end
    pair = outcome_pairs(starts, len(outcomes))
    state = results(outcomes, pair, np.zeros(len(outcomes), bool), before, 1000 * DAY)

    assert told == np.count_nonzero((state != OPEN) & (outcomes["type"] == EventType.PITCH))


def test_a_loss_by_age_and_a_late_win_are_told_as_what_they_are() -> None:
    outcomes, _ = ledger([(0, 1, 0, 0), (0, 3, 0, 0), (0, 5, 1, 1)])
    row = np.zeros(3, np.int64)

    assert results(outcomes, row, np.zeros(3, bool), 6 * DAY, 30 * DAY).tolist() == [WON, OPEN, OPEN]
    assert results(outcomes, row, np.zeros(3, bool), 40 * DAY, 30 * DAY).tolist() == [WON, LOST, OPEN]
    assert results(outcomes, row, np.array([False, False, True]), 40 * DAY, 30 * DAY).tolist() == [LOST, LOST, OPEN]


@given(events, st.integers(0, 70))
def test_an_outcome_without_an_open_pitch_implies_one(rows: list[tuple[int, int, int, int]], day: int) -> None:
    outcomes, starts = ledger(rows)
    pair = outcome_pairs(starts, len(outcomes))
    state = results(outcomes, pair, np.zeros(len(outcomes), bool), day * DAY, 1000 * DAY)
    settled = settle(outcomes, starts, day * DAY, 1000 * DAY)

    for what, counts in ((WON, settled.wins), (LOST, settled.losses)):
        assert np.bincount(pair[state == what], minlength=len(starts)).tolist() == counts.tolist()


def test_weeks_are_counted_by_pitches_and_without_any_by_outcomes() -> None:
    outcomes, _ = ledger([(0, 1, 0, 0), (0, 2, 0, 0), (0, 9, 0, 0), (0, 30, 1, 0), (1, 5, 1, 0), (1, 40, 2, 0)])
    pitched, settled = (product_weeks(outcomes, 10 * WEEK, pitches=kind) for kind in (True, False))

    assert count_weeks(pitched, settled, 3).tolist() == [2, 2, 0]
    assert distinct(np.array([3, 1, 3, 1])).tolist() == [1, 3]
    assert distinct(np.zeros(0, np.int64)).tolist() == []
