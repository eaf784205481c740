"""Scores calibrated forward in time: nothing of a block's own outcomes, or later ones, reaches them."""

import dataclasses

import numpy as np

from dog.offline.history.pitches import Pitches
from dog.offline.replay.calibrated_scores import ModelScores, calibrate_forward, consolidate_forward
from dog.offline.statistics.probabilities import calibration_curve
from tests.offline.histories import DAY_MS, START_MS, settle_pitches, simulate

CHANCES = np.random.default_rng(5).beta(1, 5, (60, 5))
WEEKS = 12
STARTS = START_MS + np.arange(0, WEEKS, 4) * 7 * DAY_MS


def history() -> Pitches:
    return settle_pitches(simulate(CHANCES, WEEKS), START_MS + 10**11, 90 * DAY_MS)


def scores(pitches: Pitches, *, turned: bool = False) -> ModelScores:
    raw = 40 * CHANCES[pitches.contact, pitches.product] + 3  # on a scale of its own
    return ModelScores(name="m", weight=1.0, lower_is_better=turned, raw=-raw if turned else raw)


def test_outcomes_of_a_block_and_after_it_change_nothing_before() -> None:
    pitches = history()
    late = pitches.settled_ms >= STARTS[2]
    other = dataclasses.replace(pitches, won=np.where(late, 1 - pitches.won, pitches.won))

    one = calibrate_forward(scores(pitches), pitches, STARTS)
    two = calibrate_forward(scores(pitches), other, STARTS)

    np.testing.assert_array_equal(one, two)


def test_scores_on_any_scale_come_out_as_win_rates_once_outcomes_are_known() -> None:
    pitches = history()
    last = pitches.at_ms >= STARTS[2]

    found = calibrate_forward(scores(pitches), pitches, STARTS)

    assert calibration_curve(pitches.won[last], found[last]).error < 0.05


def test_low_scores_of_a_model_that_is_better_when_lower_come_out_high() -> None:
    pitches = history()

    plain = calibrate_forward(scores(pitches), pitches, STARTS)
    turned = calibrate_forward(scores(pitches, turned=True), pitches, STARTS)

    np.testing.assert_allclose(plain, turned, rtol=1e-3)


def test_where_a_model_says_nothing_the_others_speak() -> None:
    pitches = history()
    one, two = scores(pitches), dataclasses.replace(scores(pitches), raw=np.full(len(pitches), np.nan))
    calibrated = [calibrate_forward(model, pitches, STARTS) for model in (one, two)]

    np.testing.assert_allclose(consolidate_forward(calibrated, [one, two], "mean", len(pitches)), calibrated[0])
    assert np.isnan(consolidate_forward([], [], "mean", 3)).all()
