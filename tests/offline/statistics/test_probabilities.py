"""Brier score, log loss, calibration, residuals: known answers, and scikit-learn as the comparison."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, log_loss

from dog.offline.statistics.probabilities import calibration_curve, log_losses, rate_bins, residuals, squared_errors

PITCHES = st.lists(st.tuples(st.booleans(), st.floats(0.001, 0.999)), min_size=2, max_size=60)


@settings(deadline=None)
@given(PITCHES)
def test_brier_score_and_log_loss_are_scikit_learns(pitches: list[tuple[bool, float]]) -> None:
    wins, rates = (np.array(column, float) for column in zip(*pitches, strict=True))

    assert squared_errors(wins, rates).mean() == pytest.approx(brier_score_loss(wins, rates, pos_label=1.0))
    assert log_losses(wins, rates).mean() == pytest.approx(log_loss(wins, rates, labels=[0.0, 1.0]))


def test_a_certain_prediction_that_fails_costs_a_finite_loss() -> None:
    loss = log_losses(np.array([1.0, 0.0]), np.array([0.0, 1.0]))

    assert loss == pytest.approx(np.full(2, -np.log(1e-6)))


@settings(deadline=None)
@given(PITCHES)
def test_calibration_accounts_for_every_pitch_and_every_win(pitches: list[tuple[bool, float]]) -> None:
    wins, rates = (np.array(column, float) for column in zip(*pitches, strict=True))

    curve = calibration_curve(wins, rates)

    assert curve.pitches.sum() == len(wins)
    assert curve.seen @ curve.pitches == pytest.approx(wins.sum())
    assert (np.diff(curve.predicted) > -1e-12).all()
    assert 0 <= curve.error <= 1


def test_rates_that_are_true_are_calibrated_and_scatter_as_chance_has_it() -> None:
    chance = np.random.default_rng(0)
    rates = chance.uniform(0.05, 0.4, 100_000)
    wins = (chance.random(100_000) < rates).astype(float)

    found = residuals(wins, rates)

    assert calibration_curve(wins, rates).error < 0.01
    assert found.bias == pytest.approx(0, abs=0.005)
    assert found.dispersion == pytest.approx(1, abs=0.02)
    assert found.worst < 0.02


def test_rates_half_of_the_truth_are_found_out() -> None:
    chance = np.random.default_rng(0)
    wins = (chance.random(20_000) < 0.4).astype(float)
    rates = np.full(20_000, 0.2)

    assert calibration_curve(wins, rates).error == pytest.approx(0.2, abs=0.02)
    assert residuals(wins, rates).bias == pytest.approx(0.2, abs=0.02)


def test_equal_rates_share_a_bin() -> None:
    rates = np.array([0.2] * 90 + [0.5] * 10)

    assert len(set(rate_bins(rates)[:90])) == 1
    assert len(set(rate_bins(rates)[90:])) == 1
