import numpy as np
import pytest
from scipy.special import expit, logit

from dog.core.calibration import (
    Calibration,
    enough_outcomes,
    fit_line,
    identity,
    standard_line,
)
from dog.core.consolidator import Consolidator, Model
from dog.core.describe_load import describe_load


def probability(scores: np.ndarray, calibration: Calibration) -> np.ndarray:
    consolidator = Consolidator(models=(Model("m", 1.0, calibration),), method="mean")
    return consolidator.calibrate(scores[None])[0]


def standard(scores: np.ndarray, base_rate: float, *, lower_is_better: bool = False) -> Calibration:
    return standard_line(describe_load(scores), base_rate, lower_is_better=lower_is_better)


def test_standardised_scores_spread_around_the_base_rate() -> None:
    scores = expit(np.array([-1.0, 1.0, 3.0]))

    calibrated = probability(scores, standard(scores, 0.1))

    z = np.array([-1, 0, 1]) * np.sqrt(1.5)
    np.testing.assert_allclose(calibrated, expit(logit(0.1) + 0.8 * z), rtol=0, atol=1e-12)


def test_what_was_pitched_has_the_base_rate() -> None:
    scores = np.linspace(1.0, 5.0, 41)
    load = describe_load(scores)
    line = standard_line(load, 0.2, lower_is_better=False, axis="identity", centre=1.5)

    at_centre = 3.0 + 1.5 * scores.std()

    assert probability(np.array([at_centre]), line)[0] == pytest.approx(0.2, abs=1e-12)


def test_where_lower_is_better_the_order_turns() -> None:
    scores = np.array([0.1, 0.5, 0.9])

    calibrated = probability(scores, standard(scores, 0.2, lower_is_better=True))

    assert (np.diff(calibrated) < 0).all()


def test_scores_all_equal_give_the_base_rate() -> None:
    scores = np.full(5, 0.3)

    np.testing.assert_allclose(probability(scores, standard(scores, 0.07)), 0.07, rtol=1e-12)


def test_nothing_known_leaves_a_probability_as_it_is() -> None:
    scores = np.array([0.2, 0.9])

    np.testing.assert_allclose(probability(scores, identity(lower_is_better=False)), scores, rtol=1e-12)
    np.testing.assert_allclose(probability(scores, identity(lower_is_better=True)), 1 - scores, rtol=1e-12)


def test_a_missing_score_stays_missing() -> None:
    line = standard(np.array([-1.0, 2.0, 3.0]), 0.1)

    for calibration in (identity(lower_is_better=False), line):
        assert np.isnan(probability(np.array([np.nan, 0.5]), calibration)).tolist() == [True, False]


@pytest.mark.parametrize("score", [0.0, 1.0, -1e30, 1e30])
def test_no_score_leads_out_of_zero_to_one(score: float) -> None:
    calibrated = probability(np.array([score]), identity(lower_is_better=False))

    assert 0 < calibrated[0] < 1


def test_several_models_at_once_are_calibrated_as_each_alone() -> None:
    raw = np.array([[0.1, 0.9], [3.0, 40.0], [-1.0, np.nan]])
    lines = [standard(np.linspace(low, high, 20), 0.1) for low, high in ((0.0, 1.0), (1.0, 50.0), (-3.0, 3.0))]

    models = tuple(Model(f"m{row}", 1.0, line) for row, line in enumerate(lines))
    together = Consolidator(models=models, method="mean").calibrate(raw)

    for row, values, line in zip(together, raw, lines, strict=True):
        np.testing.assert_array_equal(row, probability(values, line))


@pytest.mark.parametrize("lower_is_better", [False, True])
def test_a_fitted_line_is_the_one_that_made_the_outcomes(lower_is_better: bool) -> None:
    random = np.random.default_rng(5)
    places = random.normal(0, 1, 20_000)
    slope = -0.6 if lower_is_better else 0.6
    won = random.random(20_000) < expit(slope * places - 1.5)

    found = fit_line(places, won, np.arange(20_000) % 7, lower_is_better=lower_is_better)

    assert found == pytest.approx((slope, -1.5), abs=0.05)


@pytest.mark.parametrize("lower_is_better", [False, True])
def test_a_line_does_not_follow_scores_that_point_the_wrong_way(lower_is_better: bool) -> None:
    places = np.linspace(-1, 1, 400)
    won = (places > 0.5) == lower_is_better

    slope, intercept = fit_line(places, won, np.zeros(400, int), lower_is_better=lower_is_better)

    assert slope == 0.0
    assert expit(intercept) == pytest.approx(won.mean(), abs=1e-9)


def test_the_line_of_perfectly_parted_outcomes_stays_finite() -> None:
    places = np.linspace(-1, 1, 400)

    slope, _ = fit_line(places, places > 0, np.zeros(400, int), lower_is_better=False)

    assert 0 < slope < 100


@pytest.mark.parametrize(("pitches", "wins", "enough"), [(300, 30, True), (299, 30, False), (300, 29, False)])
def test_a_fit_takes_300_settled_pitches_and_30_wins(pitches: int, wins: int, enough: bool) -> None:
    assert enough_outcomes(np.arange(pitches) < wins) is enough


def test_outcomes_all_won_are_not_enough() -> None:
    assert not enough_outcomes(np.ones(400, bool))


def test_a_score_beyond_all_others_is_certain_and_warns_nobody() -> None:
    load = describe_load(np.array([-0.1, 0.0, 0.1]))
    line = standard_line(load, 0.1, lower_is_better=False, axis="identity")

    assert probability(np.array([1e308, -1e308]), line).tolist() == [1.0, 0.0]
