"""Measured absorption: a known answer, and that parts add up in any order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dog.core.learning.absorption import ScoreMoves, score_moves, take_out
from dog.core.learning.evidence import Evidence
from dog.core.log_odds import expit, logit

WINS, PITCHES = np.array([3.0, 0.0, 0.0]), np.array([4.0, 5.0, 3.0])
EXPECTED, NOW = np.array([0.8, 1.0, 0.3]), np.array([0.35, 0.15, 0.10])


def test_v12_the_share_that_new_scores_know() -> None:
    assert score_moves(WINS, PITCHES, EXPECTED, NOW).absorbed_share == pytest.approx(0.650775201330, abs=1e-8)


def test_the_order_and_the_chunks_of_pairs_change_no_bit() -> None:
    whole = score_moves(WINS, PITCHES, EXPECTED, NOW)
    parts = [score_moves(*(column[[row]] for column in (WINS, PITCHES, EXPECTED, NOW))) for row in (2, 0, 1)]

    assert sum(parts, ScoreMoves()) == whole


def test_equal_pairs_count_as_often_as_they_occur() -> None:
    twice = score_moves(*(np.repeat(column, 2) for column in (WINS, PITCHES, EXPECTED, NOW)))

    assert score_moves(WINS, PITCHES, EXPECTED, NOW, np.full(3, 2)) == twice


@given(st.integers(0, 2**32))
def test_scores_that_do_not_move_take_nothing_out(seed: int) -> None:
    random = np.random.default_rng(seed)
    pitches = random.integers(1, 9, 40).astype(float)
    rate = random.uniform(0.02, 0.6, 40)
    wins = random.binomial(pitches.astype(int), rate).astype(float)

    assert score_moves(wins, pitches, pitches * rate, rate).absorbed_share == pytest.approx(0.0, abs=1e-6)


def test_scores_that_learned_half_of_the_outcomes_take_half_out() -> None:
    random = np.random.default_rng(3)
    pitches, mean = np.full(500, 20.0), random.uniform(0.1, 0.4, 500)
    wins = random.binomial(20, np.clip(mean * random.uniform(0.3, 2.0, 500), 0, 1)).astype(float)
    expected = pitches * mean
    x = np.log((wins + 2) / (expected + 2) * (pitches - expected + 2) / (pitches - wins + 2))

    assert score_moves(wins, pitches, expected, expit(logit(mean) + x / 2)).absorbed_share == pytest.approx(
        0.5, abs=1e-6
    )


@pytest.mark.parametrize("once", [0.0, 0.3, 0.5, 0.9])
def test_what_was_taken_out_before_counts_and_leaves_the_measure_as_it_was(once: float) -> None:
    wins, pitches, expected = (part * (1 - once) for part in (WINS, PITCHES, EXPECTED))
    found = score_moves(wins, pitches, expected, NOW, whole=PITCHES)

    assert found.known_share == pytest.approx(0.650775201330, abs=1e-8)
    assert (1 - found.absorbed_share) * (1 - once) == pytest.approx(min(1 - once, 1 - 0.650775201330), abs=1e-8)


def test_no_pairs_at_all_absorb_nothing() -> None:
    assert ScoreMoves().absorbed_share == 0.0


def test_taking_out_a_share_keeps_rates_and_ratios() -> None:
    evidence = Evidence(wins=WINS, pitches=PITCHES, expected=EXPECTED, scored=PITCHES)
    left = take_out(evidence, 0.25)

    assert left.wins.tolist() == (0.75 * WINS).tolist()
    assert np.allclose(left.raw_rates, evidence.raw_rates)
    assert np.allclose(left.expected / left.pitches, EXPECTED / PITCHES)
