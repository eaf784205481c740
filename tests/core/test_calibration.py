import numpy as np
import orjson
import pytest
from scipy.special import expit, logit

from dog.core.calibration import Calibration, fit_platt, fit_standard, identity, probability, raw_axis


def standard(scores: np.ndarray, base_rate: float, *, lower_is_better: bool = False) -> Calibration:
    in_log_odds = bool(((scores >= 0) & (scores <= 1)).all())
    axis = raw_axis(scores, in_log_odds=in_log_odds)
    return fit_standard(
        float(axis.mean()), float(axis.std()), base_rate, lower_is_better=lower_is_better, in_log_odds=in_log_odds
    )


def test_standardised_scores_spread_around_the_base_rate() -> None:
    scores = expit(np.array([-1.0, 1.0, 3.0]))

    calibrated = probability(scores, standard(scores, 0.1))

    z = np.array([-1, 0, 1]) * np.sqrt(1.5)
    np.testing.assert_allclose(calibrated, expit(logit(0.1) + 0.8 * z), rtol=0, atol=1e-12)


def test_scores_beyond_zero_to_one_are_standardised_as_they_are() -> None:
    scores = np.array([-40.0, 0.0, 40.0])

    calibrated = probability(scores, standard(scores, 0.2))

    assert calibrated[1] == pytest.approx(0.2, abs=1e-12)
    assert calibrated[2] == pytest.approx(expit(logit(0.2) + 0.8 * np.sqrt(1.5)), abs=1e-12)


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
    calibrated = probability(np.array([np.nan, 0.5]), identity(lower_is_better=False))

    assert np.isnan(calibrated).tolist() == [True, False]


@pytest.mark.parametrize("score", [0.0, 1.0, -1e30, 1e30])
def test_no_score_leads_out_of_zero_to_one(score: float) -> None:
    calibrated = probability(np.array([score]), identity(lower_is_better=False))

    assert 0 < calibrated[0] < 1


@pytest.mark.parametrize("lower_is_better", [False, True])
def test_platt_finds_the_line_that_made_the_outcomes(lower_is_better: bool) -> None:
    random = np.random.default_rng(5)
    scores = expit(random.normal(-1, 1, 20_000))
    slope = -0.6 if lower_is_better else 0.6
    won = random.random(20_000) < expit(slope * logit(scores) - 1.5)

    fitted = fit_platt(scores, won, lower_is_better=lower_is_better, in_log_odds=True)

    assert fitted.slope == pytest.approx(slope, abs=0.05)
    assert fitted.intercept == pytest.approx(-1.5, abs=0.05)


@pytest.mark.parametrize("lower_is_better", [False, True])
def test_platt_does_not_follow_scores_that_point_the_wrong_way(lower_is_better: bool) -> None:
    scores = np.linspace(0.1, 0.9, 400)
    won = (scores > 0.7) == lower_is_better

    fitted = fit_platt(scores, won, lower_is_better=lower_is_better, in_log_odds=True)

    assert fitted.slope == 0.0
    np.testing.assert_allclose(probability(scores, fitted), won.mean(), atol=0.01)


def test_platt_of_perfectly_parted_outcomes_stays_finite() -> None:
    scores = np.linspace(0.01, 0.99, 400)

    fitted = fit_platt(scores, scores > 0.5, lower_is_better=False, in_log_odds=True)

    assert 0 < fitted.slope < 100


def test_platt_of_scores_all_equal_gives_the_share_won() -> None:
    scores, won = np.full(400, 0.3), np.arange(400) < 80

    fitted = fit_platt(scores, won, lower_is_better=False, in_log_odds=True)

    assert probability(scores[:1], fitted)[0] == pytest.approx(0.2, abs=0.01)


def test_a_calibration_survives_being_written() -> None:
    fitted = fit_standard(0.5, 2.0, 0.1, lower_is_better=True, in_log_odds=False)

    assert Calibration(**orjson.loads(orjson.dumps(fitted.to_dict()))) == fitted


def test_a_score_beyond_all_others_is_certain_and_warns_nobody() -> None:
    line = fit_standard(0.0, 0.1, 0.1, lower_is_better=False, in_log_odds=False)

    assert probability(np.array([1e308, -1e308]), line).tolist() == [1.0, 0.0]
