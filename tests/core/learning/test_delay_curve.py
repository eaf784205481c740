import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dog.core.events import EventType
from dog.core.iso_weeks import DAY_MS
from dog.core.learning.delay_curve import (
    NO_CURVE,
    STEPS,
    arrived_shares,
    count_ages,
    fit_delay_curve,
    no_ages,
    tally_ages,
)
from dog.core.learning.event_states import LOST, OPEN, WON
from dog.core.learning.settlement import settle
from dog.core.records import OUTCOME

MATURES = 1600
"""One step of age is 100."""


def ledger(*events: tuple[int, int, EventType]) -> tuple[np.ndarray, np.ndarray]:
    """Return the records of (pair, instant, type), grouped by pair, and where each pair starts."""
    records = np.zeros(len(events), OUTCOME)
    for place, (_, at, kind) in enumerate(events):
        records[place] = (at, place + 1, 0, 1, 0.25, kind, (0, 0, 0), 0)
    pairs = np.array([pair for pair, _, _ in events])
    return records, np.flatnonzero(np.diff(pairs, prepend=-1))


PITCH, WIN, LOSS = EventType.PITCH, EventType.WIN, EventType.LOSS


def test_the_first_pitch_of_each_pair_is_counted_at_the_age_of_its_settlement_or_of_today() -> None:
    outcomes, starts = ledger(
        (0, 0, PITCH), (0, 250, WIN), (0, 300, PITCH),
        (1, 100, PITCH), (1, 1250, LOSS),
        (2, 1000, PITCH),
        (3, 50, WIN), (3, 700, PITCH), (3, 1990, WIN),
        (4, 100, PITCH), (4, 3000, WIN),
        (5, 10, WIN),
    )  # fmt: skip

    counts = count_ages(outcomes, starts, 2000, MATURES)

    places = [(int(row), int(step)) for row, step in np.argwhere(counts)]
    assert places == [(WON, 2), (WON, 12), (LOST, 11), (LOST, STEPS - 1), (OPEN, 10)]
    assert counts.sum() == 5  # a win without a pitch has no age


def test_no_outcomes_have_no_ages() -> None:
    assert count_ages(*ledger(), 2000, MATURES).sum() == 0


def test_censored_pitches_do_not_make_wins_look_early() -> None:
    random = np.random.default_rng(1)
    age, wins = random.exponential(400, 50_000).astype(int), random.random(50_000) < 0.3
    today = random.integers(0, 3 * MATURES, 50_000)  # how long ago each was pitched
    known = np.where(wins, np.minimum(age, today) == age, today >= MATURES)
    ended = np.where(known, np.where(wins, age, MATURES), today)
    state = np.where(known, np.where(wins, WON, LOST), OPEN)

    curve = fit_delay_curve(tally_ages(ended, state, MATURES))

    steps = np.arange(1, STEPS + 1) * 100
    expected = (1 - np.exp(-steps / 400)) / (1 - np.exp(-MATURES / 400))
    assert np.abs(np.array(curve) - expected).max() < 0.02


def test_few_wins_make_no_curve_and_pending_pitches_count_for_nothing() -> None:
    ages = no_ages()
    ages[WON, 0] = 29

    assert fit_delay_curve(ages) == NO_CURVE
    assert arrived_shares(np.array([0, 500]), MATURES, NO_CURVE).tolist() == [0, 0]


@given(st.lists(st.integers(0, 50), min_size=3 * STEPS, max_size=3 * STEPS))
def test_a_delay_curve_rises_to_one(counts: list[int]) -> None:
    curve = np.array([0.0, *fit_delay_curve(np.array(counts).reshape(3, STEPS))])

    assert (np.diff(curve) >= 0).all()
    assert len(curve) == 1 or curve[-1] == pytest.approx(1)


def test_a_pending_pitch_counts_as_far_as_its_wins_have_come() -> None:
    outcomes, starts = ledger((0, 0, PITCH), (0, 1, WIN), (0, 90 * DAY_MS, PITCH), (1, 98 * DAY_MS + 5, PITCH))
    outcomes["score"][-1] = np.nan
    curve = tuple(step / STEPS for step in range(1, STEPS + 1))

    found = settle(outcomes, starts, 100 * DAY_MS, 40 * DAY_MS, curve)

    assert found.part_pitches == pytest.approx([0.25, 1 / 40])
    assert found.part_expected == pytest.approx([0.0625, 0])
    assert found.part_scored == pytest.approx([0.25, 0])
    assert (found.wins.tolist(), found.losses.tolist(), found.pending.tolist()) == ([1, 0], [0, 0], [1, 1])
    assert settle(outcomes, starts, 100 * DAY_MS, 40 * DAY_MS).part_pitches.tolist() == [0, 0]
