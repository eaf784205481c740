"""Known answers C1 and C2, and what an update must always do."""

import numpy as np

from dog.models.start.fit_taste import event_moments
from dog.models.start.taste import TastePrior, TasteUpdate

VECTORS = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.5]])
SHARES = np.array([0.5, 0.3, 0.2])
EVENTS = np.array([[0, 1, -1], [1, -1, -1], [0, 2, -1], [2, 1, 0]])
MOMENTS = event_moments(VECTORS, EVENTS, SHARES)


def prior(mean: tuple[float, float] = (0.1, -0.2)) -> TastePrior:
    return TastePrior(
        mean=np.array(mean), attribute_effects=np.zeros((0, 2)), covariance=np.array([[0.5, 0.1], [0.1, 0.4]])
    )


def test_c2_a_taste_adapts_to_two_events() -> None:
    found = TasteUpdate(MOMENTS, prior()).adapt(np.array([0.1, -0.2]), 2, VECTORS[[0, 1]].sum(axis=0))

    np.testing.assert_allclose(found, [0.221656761427, -0.072092371505], atol=1e-11)


def test_without_events_a_taste_is_what_its_attributes_say() -> None:
    mean = np.array([0.1, -0.2])

    assert TasteUpdate(MOMENTS, prior()).adapt(mean, 0, np.zeros(2)).tolist() == mean.tolist()


def test_contacts_together_get_the_tastes_that_each_gets_alone() -> None:
    update, means = TasteUpdate(MOMENTS, prior()), np.array([[0.1, -0.2], [0.3, 0.0], [0.0, 0.0], [0.2, 0.2]])

    together = update.adapt_all(means, EVENTS, VECTORS)

    for mean, events, found in zip(means, EVENTS, together, strict=True):
        own = events[events >= 0]
        np.testing.assert_allclose(found, update.adapt(mean, len(own), VECTORS[own].sum(axis=0)), atol=1e-14)


def test_the_order_of_events_makes_no_difference() -> None:
    update, mean = TasteUpdate(MOMENTS, prior()), np.zeros((1, 2))

    forward = update.adapt_all(mean, np.array([[0, 1, 2]]), VECTORS)
    backward = update.adapt_all(mean, np.array([[2, 1, 0]]), VECTORS)

    np.testing.assert_allclose(forward, backward, atol=1e-15)
