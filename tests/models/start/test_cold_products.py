"""Known answer C6."""

import numpy as np

from dog.models.start.cold_products import ColdPrior
from dog.models.start.fit_cold_prior import buyer_moments
from dog.models.start.taste import TastePrior, TasteUpdate

ATTRIBUTES = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
TASTES = np.array([[0.5, 0.2], [-0.1, 0.6], [0.3, -0.4]])
ACTIVITY = np.array([3.0, 1.0, 2.0])


def cold_prior() -> ColdPrior:
    prior = TastePrior(
        mean=np.array([0.05, 0.1]),
        attribute_effects=np.array([[0.2, -0.1], [-0.3, 0.4]]),
        covariance=np.diag([0.3, 0.2]),
    )
    return ColdPrior(TasteUpdate(buyer_moments(TASTES, ACTIVITY), prior))


def test_c6_a_product_has_the_vector_of_its_attributes_and_then_of_its_buyers() -> None:
    found = cold_prior()

    mean = found.means(ATTRIBUTES - ATTRIBUTES.mean(axis=0))[2]
    adapted = found.update.adapt(mean, 2, TASTES[[0, 1]].sum(axis=0))

    np.testing.assert_allclose(mean, [0.016666666667, 0.2], atol=1e-11)
    np.testing.assert_allclose(adapted, [-0.057540470136, 0.316504186705], atol=1e-11)
