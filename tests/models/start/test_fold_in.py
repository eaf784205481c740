import numpy as np

from dog.models.start.fold_in import BOUGHT_ONCE, FoldIn

FACTORS = np.random.default_rng(0).normal(size=(6, 3))


def test_folding_in_solves_the_weighted_least_squares() -> None:
    bought = [1, 4]
    confidence = np.ones(6)
    confidence[bought] = BOUGHT_ONCE
    wanted = np.zeros(6)
    wanted[bought] = 1.0
    ridge = 10 * np.eye(3)
    expected = np.linalg.solve(FACTORS.T * confidence @ FACTORS + ridge, FACTORS.T @ (confidence * wanted))

    np.testing.assert_allclose(FoldIn(FACTORS).fold(np.array(bought)), expected, atol=1e-12)


def test_contacts_together_get_the_factors_that_each_gets_alone() -> None:
    model = FoldIn(FACTORS)

    together = model.fold_all(np.array([[0, 2, 5], [3, -1, -1], [-1, -1, -1]]))

    np.testing.assert_allclose(together[0], model.fold(np.array([0, 2, 5])), atol=1e-12)
    np.testing.assert_allclose(together[1], model.fold(np.array([3])), atol=1e-12)
    assert together[2].tolist() == [0.0, 0.0, 0.0]
