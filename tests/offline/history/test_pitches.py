"""Pitches with their outcomes, and what was known before each."""

import numpy as np
import pytest

from dog.core.events import EventType
from dog.offline.history.pitches import past_record
from tests.offline.histories import DAY_MS, START_MS, OutcomeEvent, settle, simulate

PITCH, WIN, LOSS = EventType.PITCH, EventType.WIN, EventType.LOSS


def event(at: int, kind: EventType, name: str, settles: str | None = None, contact: int = 0) -> OutcomeEvent:
    return OutcomeEvent(contact=contact, product=0, at_ms=at, kind=kind, event_id=name, pitch_id=settles)


def test_an_outcome_settles_the_pitch_it_names_else_the_oldest() -> None:
    found = settle(
        [
            event(0, PITCH, "a"),
            event(1, PITCH, "b"),
            event(2, PITCH, "c"),
            event(3, WIN, "x", "b"),
            event(4, LOSS, "y"),
        ],
        as_of_ms=10,
        maturation_ms=100,
    )

    assert list(zip(found.at_ms.tolist(), found.settled_ms.tolist(), found.won.tolist(), strict=True)) == [
        (0, 4, 0.0),
        (1, 3, 1.0),
    ]


def test_a_pitch_without_an_answer_is_lost_when_it_is_old_enough() -> None:
    events = [event(0, PITCH, "a"), event(5, PITCH, "b")]

    found = settle(events, as_of_ms=10, maturation_ms=8)

    assert (found.at_ms.tolist(), found.settled_ms.tolist(), found.won.tolist()) == ([0], [8], [0.0])


def test_weeks_of_which_only_the_wins_are_known_are_left_out_and_reported_losses_keep_them() -> None:
    today, days = 200, range(200)
    pitches = [event(day * DAY_MS, PITCH, f"p{day}", contact=day) for day in days]
    wins = [event(day * DAY_MS + 1, WIN, f"w{day}", contact=day) for day in days if day % 4 == 0]
    losses = [event(day * DAY_MS + 1, LOSS, f"l{day}", contact=day) for day in days if day % 4]

    silent = settle(pitches + wins, today * DAY_MS, 90 * DAY_MS, complete=True)
    told = settle(pitches + wins + losses, today * DAY_MS, 90 * DAY_MS, complete=True)

    assert int(silent.at_ms.max()) < (today - 90) * DAY_MS
    assert silent.won.mean() == pytest.approx(0.25, abs=0.01)
    assert len(told) == 200


def test_a_win_without_a_pitch_counts_as_one() -> None:
    found = settle([event(3, WIN, "x")], as_of_ms=10, maturation_ms=8)

    assert (found.at_ms.tolist(), found.won.tolist()) == ([3], [1.0])


def test_what_comes_later_is_not_seen() -> None:
    found = settle([event(0, PITCH, "a"), event(20, WIN, "x")], as_of_ms=10, maturation_ms=100)

    assert len(found) == 0


def test_the_past_of_a_pitch_is_what_was_settled_strictly_before_it() -> None:
    events = [
        *(event(0, PITCH, "a"), event(5, WIN, "w", "a")),
        *(event(4, PITCH, "b"), event(6, LOSS, "l", "b")),  # made before the win was known
        *(event(6, PITCH, "c"), event(7, LOSS, "m", "c")),  # made when the win was known, the loss just not
        *(event(9, PITCH, "d"), event(9, LOSS, "n", "d")),
    ]
    pitches = settle(events, as_of_ms=10, maturation_ms=100)

    past = past_record(pitches, pitches.pair)

    assert (past.wins.tolist(), past.pitches.tolist()) == ([0, 0, 1, 1], [0, 0, 1, 3])


def test_the_past_is_that_of_counting_one_by_one() -> None:
    pitches = settle(simulate(np.full((5, 3), 0.4), weeks=6), START_MS + 10**11, 90 * DAY_MS)

    past = past_record(pitches, pitches.pair)

    for row in range(len(pitches)):
        before = (pitches.pair == pitches.pair[row]) & (pitches.settled_ms < pitches.at_ms[row])
        assert past.pitches[row] == before.sum()
        assert past.wins[row] == pytest.approx(pitches.won[before].sum())
