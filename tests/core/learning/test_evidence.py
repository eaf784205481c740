import numpy as np
import pytest

from dog.core.learning.evidence import (
    Evidence,
    absorb,
    add_evidence,
    add_news,
    damp,
    no_evidence,
    pending_evidence,
    settled_evidence,
)
from dog.core.learning.recursion import damping
from dog.core.learning.settlement import Settled


def evidence(wins: float, pitches: float, expected: float = 0.0, scored: float = 0.0) -> Evidence:
    fields = {"wins": wins, "pitches": pitches, "expected": expected, "scored": scored}
    return Evidence(**{name: np.array([value]) for name, value in fields.items()})


def values(of_one: Evidence) -> list[float]:
    return [float(a[0]) for a in (of_one.wins, of_one.pitches, of_one.expected, of_one.scored)]


def test_what_is_settled_is_evidence_and_pending_pitches_count_apart() -> None:
    one = np.ones(1, int)

    settled = Settled(
        wins=2 * one,
        losses=3 * one,
        pending=4 * one,
        expected=0.5 * one,
        scored=1.0 * one,
        part_pitches=2.5 * one,
        part_expected=0.25 * one,
        part_scored=1.5 * one,
    )

    assert values(settled_evidence(settled)) == [2, 5, 0.5, 1]
    assert values(pending_evidence(settled)) == [0, 2.5, 0.25, 1.5]
    assert values(add_evidence(settled_evidence(settled), pending_evidence(settled))) == [2, 7.5, 0.75, 2.5]


def test_only_the_news_is_added() -> None:
    gathered = add_news(evidence(0.5, 2, 0.25, 1), before=evidence(3, 8, 1, 4), now=evidence(4, 10, 1.5, 6))

    assert values(gathered) == [1.5, 4, 0.75, 3]


def test_a_win_that_takes_back_a_matured_loss_moves_no_pitch() -> None:
    gathered = add_news(evidence(1, 5), before=evidence(1, 5), now=evidence(2, 5))

    assert values(gathered)[:2] == [2, 5]


def test_a_win_that_takes_back_a_damped_loss_is_not_lost() -> None:
    gathered = add_news(evidence(0, 0.1), before=evidence(0, 1), now=evidence(1, 1))

    assert values(gathered)[:2] == [1, 1]


def test_one_recursion_at_win_rate_nine_tenths_keeps_a_tenth_of_the_evidence() -> None:
    held = evidence(9, 10, 2, 10)

    damped = damp(held, damping(held.raw_rates, 1.0))

    np.testing.assert_allclose(values(damped), [0.9, 1, 0.2, 1], rtol=0, atol=1e-12)


def test_a_full_absorption_leaves_what_came_after_the_refresh() -> None:
    left = absorb(evidence(5, 20, 3, 20), at_refresh=evidence(4, 15, 2, 15), now=evidence(5, 20, 3, 20), share=1.0)

    assert values(left) == [1, 5, 1, 5]


def test_half_an_absorption_leaves_half_of_the_old() -> None:
    left = absorb(evidence(5, 20, 3, 20), at_refresh=evidence(4, 15, 2, 15), now=evidence(5, 20, 3, 20), share=0.5)

    assert values(left) == [3, 12.5, 2, 12.5]


def test_no_absorption_leaves_everything() -> None:
    held = evidence(5, 20, 3, 20)

    assert values(absorb(held, evidence(4, 15, 2, 15), held, share=0.0)) == values(held)


def test_evidence_damped_below_the_news_is_all_taken_for_news() -> None:
    left = absorb(evidence(0.5, 2), at_refresh=evidence(4, 15), now=evidence(6, 20), share=1.0)

    assert values(left)[:2] == [0.5, 2]


def test_raw_rates_are_unknown_without_pitches() -> None:
    assert np.isnan(no_evidence(1).raw_rates[0])
    assert evidence(1, 4).raw_rates[0] == 0.25


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_inputs_are_left_as_they_were(share: float) -> None:
    held, then, now = evidence(2, 5, 1, 5), evidence(1, 3, 0.5, 3), evidence(2, 5, 1, 5)

    absorb(held, then, now, share)
    damp(held, np.array([0.5]))
    add_news(held, then, now)

    assert [values(e) for e in (held, then, now)] == [[2, 5, 1, 5], [1, 3, 0.5, 3], [2, 5, 1, 5]]
