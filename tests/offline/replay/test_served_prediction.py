"""Chances on the odds scale: as served where odds are multiplied, below 1 everywhere, recalibrated forward only."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dog.core.learning.reinforcement_settings import Reinforcement
from dog.core.log_odds import multiply_odds
from dog.offline.replay.served_prediction import recalibrate_forward, serve
from dog.offline.statistics.discrimination import ranks
from tests.offline.histories import DAY_MS, START_MS, settle, simulate

ODDS = Reinforcement(neutral="expected")
SCORE = Reinforcement(neutral="global")
CHANCES = np.random.default_rng(3).beta(2, 6, (60, 5))


@given(st.floats(1e-6, 1 - 1e-6), st.floats(0.01, 100.0), st.floats(0.1, 10.0))
def test_chances_stay_between_zero_and_one_whatever_multiplies(score: float, multiplier: float, streak: float) -> None:
    for settings in (ODDS, SCORE):
        found = serve(np.array([score]), np.array([multiplier]), settings, streak)

        assert 0 < found.chance[0] < 1


def test_what_multiplies_odds_is_ranked_by_its_chance() -> None:
    score, multiplier = np.array([0.2, 0.06]), np.array([1.382823462509, 0.971285862357])
    found = serve(score, multiplier, ODDS)

    assert found.order == pytest.approx([0.256895562736, 0.058377727708])
    assert found.chance == pytest.approx(found.order)


def test_what_multiplies_scores_is_ranked_by_the_product_within_the_clamp() -> None:
    score, multiplier = np.array([0.5, 0.5]), np.array([3.0, 0.001])

    assert serve(score, multiplier, SCORE).order == pytest.approx([1.5, 0.125])
    assert serve(score, multiplier, replace(SCORE, clamp="off")).order == pytest.approx([1.5, 0.0005])
    assert serve(score, multiplier, SCORE, 2.0).order == pytest.approx([2.0, 0.125])
    assert serve(score, multiplier, SCORE).chance == pytest.approx(multiply_odds(score, np.array([3.0, 0.25])))


def test_recalibrated_chances_come_out_as_win_rates_and_keep_their_order() -> None:
    pitches = settle(simulate(CHANCES, 12), START_MS + 400 * DAY_MS, 90 * DAY_MS)
    starts = START_MS + np.arange(0, 12, 4) * 7 * DAY_MS
    loud = multiply_odds(CHANCES[pitches.contact, pitches.product], 4.0)
    found = recalibrate_forward(loud, pitches, starts)
    last = pitches.at_ms >= starts[2]

    assert found[pitches.at_ms < starts[1]].tolist() == loud[pitches.at_ms < starts[1]].tolist()
    assert found[last].mean() == pytest.approx(pitches.won[last].mean(), abs=0.03)
    assert ranks(found[last]).tolist() == ranks(loud[last]).tolist()


def test_chances_in_the_wrong_order_become_the_win_rate() -> None:
    pitches = settle(simulate(CHANCES, 12), START_MS + 400 * DAY_MS, 90 * DAY_MS)
    starts = START_MS + np.arange(0, 12, 4) * 7 * DAY_MS
    found = recalibrate_forward(1 - CHANCES[pitches.contact, pitches.product], pitches, starts)
    last = pitches.at_ms >= starts[2]

    assert len(set(found[last].tolist())) == 1
    assert found[last][0] == pytest.approx(pitches.won[last].mean(), abs=0.03)


def test_outcomes_of_a_block_and_after_it_change_no_chance_before() -> None:
    pitches = settle(simulate(CHANCES, 12), START_MS + 400 * DAY_MS, 90 * DAY_MS)
    starts = START_MS + np.arange(0, 12, 4) * 7 * DAY_MS
    loud = multiply_odds(CHANCES[pitches.contact, pitches.product], 4.0)
    other = replace(pitches, won=np.where(pitches.settled_ms >= starts[2], 1 - pitches.won, pitches.won))

    assert recalibrate_forward(loud, pitches, starts).tolist() == recalibrate_forward(loud, other, starts).tolist()
