import numpy as np
from sklearn.linear_model import LogisticRegression

from dog.core.log_odds import expit
from dog.models.start.sampled_logistic import SampledRows, draw_cells, fit_sampled

CHANCE = np.random.default_rng(0)
FEATURES = np.stack([CHANCE.normal(-1.0, 1.0, 40_000), CHANCE.normal(0.0, 1.0, 40_000)])
WANTED = CHANCE.random(40_000) < expit(-3.0 + 0.8 * FEATURES[0] + 0.5 * FEATURES[1])


def test_without_sampling_it_is_the_usual_regression() -> None:
    usual = LogisticRegression(C=1.0, tol=1e-8).fit(FEATURES.T, WANTED)

    found = fit_sampled(SampledRows(features=FEATURES, wanted=WANTED, share=1.0), np.zeros(2))

    np.testing.assert_allclose(found, [*usual.intercept_, *usual.coef_[0]], atol=1e-3)


def test_a_sample_leads_to_the_coefficients_and_intercept_of_all_rows() -> None:
    used = draw_cells(WANTED, ~WANTED, 0.2, np.random.default_rng(1))

    found = fit_sampled(SampledRows(features=FEATURES[:, used], wanted=WANTED[used], share=0.2), np.zeros(2))

    np.testing.assert_allclose(found, [-3.0, 0.8, 0.5], atol=0.15)


def test_a_sample_has_all_wanted_cells_and_no_closed_one() -> None:
    wanted = np.zeros((100, 100), bool)
    wanted[:, 3] = True
    open_cells = np.ones((100, 100), bool)
    open_cells[:, :2] = False

    found = draw_cells(wanted, open_cells, 0.1, np.random.default_rng(0))

    assert found[:, 3].all()
    assert not found[:, :2].any()
    assert 800 < found[:, 4:].sum() < 1120


def test_a_coefficient_is_never_below_0() -> None:
    found = fit_sampled(SampledRows(features=-FEATURES, wanted=WANTED, share=1.0), np.zeros(2))

    assert found[1:] == [0.0, 0.0]


def test_without_any_wanted_row_the_prior_is_kept() -> None:
    nothing = SampledRows(features=np.ones((1, 3)), wanted=np.zeros(3, bool), share=0.5)

    assert fit_sampled(nothing, np.array([0.7])) == [0.0, 0.7]
