"""Scores calibrated forward in time: nothing of a block's own outcomes, or later ones, reaches them."""

import dataclasses

import numpy as np
import pytest

from dog.core.describe_load import describe_load
from dog.core.log_odds import logit
from dog.offline.history.pitches import Pitches
from dog.offline.replay.calibrated_scores import ForwardScores, ModelScores, calibrate_forward
from dog.offline.statistics.probabilities import calibration_curve, log_losses
from tests.offline.histories import DAY_MS, IN_PROCESS, START_MS, settle, simulate

CHANCES = np.random.default_rng(5).beta(1, 5, (60, 5))
WEEKS = 12
STARTS = START_MS + np.arange(0, WEEKS, 4) * 7 * DAY_MS


def history() -> Pitches:
    return settle(simulate(CHANCES, WEEKS), START_MS + 10**11, 90 * DAY_MS)


def scores(pitches: Pitches, *, name: str = "m", noise: float = 0.0, turned: bool = False) -> ModelScores:
    odds = logit(CHANCES) + np.random.default_rng(1).normal(0, 1, CHANCES.shape) * noise
    raw = 40 * odds[pitches.contact, pitches.product] + 3  # on a scale of its own
    return ModelScores(name=name, weight=1.0, lower_is_better=turned, raw=-raw if turned else raw)


def calibrate(*models: ModelScores, pitches: Pitches | None = None) -> ForwardScores:
    return calibrate_forward(IN_PROCESS, models, history() if pitches is None else pitches, STARTS)


def test_outcomes_of_a_block_and_after_it_change_nothing_before() -> None:
    pitches = history()
    late = pitches.settled_ms >= STARTS[2]
    other = dataclasses.replace(pitches, won=np.where(late, 1 - pitches.won, pitches.won))

    one, two = (calibrate(scores(pitches), pitches=some) for some in (pitches, other))

    np.testing.assert_array_equal(one.calibrated[0], two.calibrated[0])
    np.testing.assert_array_equal(one.consolidate({"m": 1.0}, "stacking"), two.consolidate({"m": 1.0}, "stacking"))


def test_a_model_that_is_fitted_again_gives_every_pair_a_new_score_but_the_first_fit_renews_nothing() -> None:
    pitches = history()
    pairs = np.unique(pitches.pair, return_index=True)[1]
    odds = logit(CHANCES[pitches.contact[pairs], pitches.product[pairs]])
    load = describe_load(odds)
    model = dataclasses.replace(scores(pitches), renewed=dict.fromkeys(range(3), (load, odds)))

    found = calibrate(model, scores(pitches, name="still"), pitches=pitches).renewed(
        {"m": 1.0, "still": 1.0}, "stacking"
    )

    assert list(found) == STARTS[1:].tolist()
    assert all(len(now) == len(pairs) for now in found.values())
    assert np.corrcoef(logit(found[int(STARTS[2])]), odds)[0, 1] > 0.9
    assert calibrate(model, pitches=pitches).renewed({"m": 0.0}, "stacking") == {}


def test_scores_on_any_scale_come_out_as_win_rates_once_outcomes_are_known() -> None:
    pitches = history()
    last = pitches.at_ms >= STARTS[2]
    found = calibrate(scores(pitches), pitches=pitches)

    for rates in (found.calibrated[0], found.consolidate({"m": 1.0}, "stacking")):
        assert calibration_curve(pitches.won[last], rates[last]).error < 0.05


def test_low_scores_of_a_model_that_is_better_when_lower_come_out_high() -> None:
    pitches = history()

    plain = calibrate(scores(pitches), pitches=pitches).calibrated[0]
    turned = calibrate(scores(pitches, turned=True), pitches=pitches).calibrated[0]

    np.testing.assert_allclose(plain, turned, rtol=1e-3)


@pytest.mark.parametrize("method", ["stacking", "mean", "log_pool"])
def test_where_a_model_says_nothing_the_others_speak(method: str) -> None:
    pitches = history()
    one = scores(pitches)
    two = dataclasses.replace(one, name="silent", raw=np.full(len(pitches), np.nan), places={})
    found = calibrate(one, two, pitches=pitches)

    both = found.consolidate({"m": 1.0, "silent": 1.0}, method)  # type: ignore[arg-type]

    assert not np.isnan(both).any()
    assert np.corrcoef(logit(both), logit(found.calibrated[0]))[0, 1] > 0.9
    assert np.isnan(calibrate(pitches=pitches).consolidate({}, "mean")).all()


def test_the_stacking_is_no_worse_than_its_best_model_and_better_than_the_mean() -> None:
    pitches = history()
    last = pitches.at_ms >= STARTS[2]
    models = [scores(pitches), scores(pitches, name="noisy", noise=3.0)]
    found, weights = calibrate(*models, pitches=pitches), {"m": 1.0, "noisy": 1.0}

    stacked, mean, best = (
        log_losses(pitches.won[last], rates[last]).mean()
        for rates in (found.consolidate(weights, "stacking"), found.consolidate(weights, "mean"), found.calibrated[0])
    )

    assert stacked < mean
    assert stacked < best + 0.003


def test_other_weights_give_the_fit_of_a_policy_that_states_them() -> None:
    pitches = history()
    one, two = scores(pitches), scores(pitches, name="noisy", noise=1.0)
    stated = [one, dataclasses.replace(two, weight=4.0)]

    changed = calibrate(one, two, pitches=pitches).consolidate({"m": 1.0, "noisy": 4.0}, "stacking")

    np.testing.assert_allclose(
        changed, calibrate(*stated, pitches=pitches).consolidate({"m": 1.0, "noisy": 4.0}, "stacking")
    )
