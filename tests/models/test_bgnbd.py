import warnings

import numpy as np
import pytest

from dog.models.bgnbd import BgNbd, expected_visits, fit_bgnbd

PUBLISHED = BgNbd(r=0.2426, alpha=4.4135, a=0.7929, b=2.4258)


@pytest.fixture(scope="module")
def cdnow() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Read the CDNOW customers: repeats, last, observed, in weeks."""
    with warnings.catch_warnings():
        # lifetimes is not maintained: it warns of its own escapes and of pandas on import
        warnings.simplefilter("ignore")
        from lifetimes.datasets import load_cdnow_summary  # noqa: PLC0415  # the warnings come with the import

        summary = load_cdnow_summary()
    repeats, last, observed = (summary[name].to_numpy(np.float64) for name in ("frequency", "recency", "T"))
    return repeats, last, observed


def test_cdnow_gives_the_published_parameters(cdnow: tuple[np.ndarray, ...]) -> None:
    fitted = fit_bgnbd(*cdnow)

    assert fitted.r == pytest.approx(PUBLISHED.r, abs=1e-4)
    assert fitted.alpha == pytest.approx(PUBLISHED.alpha, abs=1e-3)
    assert fitted.a == pytest.approx(PUBLISHED.a, abs=1e-3)
    assert fitted.b == pytest.approx(PUBLISHED.b, abs=1e-3)


def test_forecasts_equal_those_of_an_independent_implementation(cdnow: tuple[np.ndarray, ...]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # as above
        from lifetimes import BetaGeoFitter  # noqa: PLC0415  # the warnings come with the import

        oracle = BetaGeoFitter().fit(*cdnow)
        expected = oracle.predict(39, *cdnow)
    model = BgNbd(**{name: float(oracle.params_[name]) for name in ("r", "alpha", "a", "b")})

    repeats, last, observed = cdnow

    assert expected_visits(model, repeats, last, observed, 39.0) == pytest.approx(np.asarray(expected), abs=1e-9)


def test_a_contact_that_always_came_and_then_fell_silent_has_probably_left() -> None:
    repeats, observed = np.array([20.0, 20.0]), np.array([39.0, 39.0])

    silent, active = expected_visits(PUBLISHED, repeats, np.array([15.0, 38.0]), observed, 10.0)

    assert silent < 0.05 * active


def test_contacts_that_all_behave_alike_give_a_finite_forecast() -> None:
    repeats, last, observed = (np.full(50, value) for value in (51.0, 357.0, 360.0))

    ahead = expected_visits(fit_bgnbd(repeats, last, observed), repeats, last, observed, 30.0)

    assert ahead == pytest.approx(30 * 51 / 360, rel=0.03)


def test_the_forecast_has_no_hole_where_a_is_1() -> None:
    repeats, last, observed = np.array([0.0, 2.0]), np.array([0.0, 30.0]), np.array([38.0, 38.0])

    below, at, above = (
        expected_visits(BgNbd(r=0.24, alpha=4.4, a=a, b=2.4), repeats, last, observed, 39.0)
        for a in (0.999, 1.0, 1.001)
    )

    assert at == pytest.approx((below + above) / 2, rel=1e-5)


def test_contacts_that_never_came_back_give_a_finite_forecast() -> None:
    never, observed = np.zeros(50), np.linspace(5, 50, 50)

    ahead = expected_visits(fit_bgnbd(never, never, observed), never, never, observed, 30.0)

    assert (ahead >= 0).all()
    assert ahead == pytest.approx(0.0, abs=0.01)


def test_no_time_ahead_brings_no_visit() -> None:
    none = expected_visits(PUBLISHED, np.array([0.0, 3.0]), np.array([0.0, 9.0]), np.array([9.0, 12.0]), 0.0)

    assert none == pytest.approx(0.0, abs=1e-12)
