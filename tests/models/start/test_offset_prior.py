import numpy as np

from dog.models.start.offset_prior import fit_offset_prior


def test_a_product_known_for_long_that_nobody_buys_sinks() -> None:
    prior = fit_offset_prior(np.array([-2.0, -1.0]), np.array([-1.0, 0.0]), np.zeros((2, 0)), 100.0)

    new, old = prior.offsets(np.zeros((2, 0)), np.zeros(2), np.array([0.0, 1.0]))

    assert new == -1.5
    assert old < new
