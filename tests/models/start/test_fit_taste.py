"""Known answers C1 and C4."""

import numpy as np

from dog.models.start.fit_taste import event_moments, fit_prior
from tests.models.start.test_taste import EVENTS, MOMENTS, VECTORS


def test_c1_moments_of_events() -> None:
    np.testing.assert_allclose(MOMENTS.covariance.ravel(), [0.610001, -0.22, -0.22, 0.190001], atol=1e-12)
    np.testing.assert_allclose(MOMENTS.position_sums[1], [0.291666666667, 0.395833333333], atol=1e-11)
    np.testing.assert_allclose(MOMENTS.position_sums[2], [0.509057971014, 0.852355072464], atol=1e-11)


def test_c4_thirty_rounds_of_expectation_maximisation() -> None:
    encoded = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])

    found = fit_prior(MOMENTS, VECTORS, EVENTS, encoded, ridge=1.0)

    np.testing.assert_allclose(found.mean, [-0.076127075853, 0.334179714599], atol=1e-10)
    np.testing.assert_allclose(found.attribute_effects[0], [0.090600071002, 0.184458600970], atol=1e-10)
    np.testing.assert_allclose(
        found.covariance.ravel(), [0.071324125826, 0.109795075938, 0.109795075938, 0.272657770738], atol=1e-10
    )


def test_contacts_without_events_teach_nothing() -> None:
    encoded = np.array([[1.0], [0.0], [0.5], [0.5]])
    more = np.vstack([EVENTS, np.full((3, 3), -1)])

    alone = fit_prior(MOMENTS, VECTORS, EVENTS, encoded)
    together = fit_prior(MOMENTS, VECTORS, more, np.vstack([encoded, np.zeros((3, 1))]))

    np.testing.assert_allclose(together.covariance, alone.covariance, atol=1e-12)


def test_without_any_event_the_prior_is_flat() -> None:
    nothing = np.full((2, 3), -1)

    found = fit_prior(event_moments(VECTORS, nothing), VECTORS, nothing, np.zeros((2, 1)))

    assert np.isfinite(found.covariance).all()
    assert found.mean.tolist() == [0.0, 0.0]
