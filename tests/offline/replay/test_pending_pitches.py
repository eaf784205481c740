import numpy as np
import pytest

from dog.core.iso_weeks import DAY_MS
from dog.core.learning.reinforcement_settings import Reinforcement
from dog.offline.history.pitches import Pitches
from dog.offline.replay.pending_pitches import PendingPitches

EXPECTED = Reinforcement(neutral="expected", maturation_days=32)


def history() -> Pitches:
    """40 pitches of day 0 won after a day, and two of day 28 that are lost by silence, one of them without a score."""
    count = 42
    made = np.array([0] * 40 + [28 * DAY_MS] * 2, np.int64)
    return Pitches(
        contact=np.arange(count),
        product=np.zeros(count, np.int64),
        pair=np.array([*range(40), 3, 40]),
        week=made // (7 * DAY_MS),
        at_ms=made,
        settled_ms=made + np.array([DAY_MS] * 40 + [32 * DAY_MS] * 2),
        won=np.array([1.0] * 40 + [0.0] * 2),
        variant=np.full(count, ""),
    )


def test_a_pending_pitch_counts_by_the_curve_of_the_week_before() -> None:
    score = np.append(np.full(41, 0.25), np.nan)
    pending = PendingPitches(history(), score, EXPECTED)

    before = pending.evidence(28 * DAY_MS, 40, 41)  # fits the first curve: all wins come in the first two days
    found = pending.evidence(29 * DAY_MS, 42, 41)

    assert before is None
    assert found is not None
    assert found.pitches[[3, 40, 0]].tolist() == pytest.approx([0.5, 0.5, 0])
    assert found.expected[[3, 40]].tolist() == pytest.approx([0.125, 0])
    assert found.scored[[3, 40]].tolist() == pytest.approx([0.5, 0])
    assert found.wins.sum() == 0


def test_multipliers_by_win_rates_leave_pending_pitches_out() -> None:
    pending = PendingPitches(history(), np.full(42, 0.25), Reinforcement(neutral="global"))

    assert [pending.evidence(day * DAY_MS, 42, 41) for day in (28, 29)] == [None, None]
