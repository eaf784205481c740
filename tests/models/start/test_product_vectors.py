"""Known answer C5."""

import numpy as np
from scipy import sparse

from dog.models.start.product_vectors import product_vectors

BOUGHT = np.array([[1, 1, 0, 0], [1, 1, 0, 1], [0, 1, 1, 0], [1, 0, 1, 1], [1, 1, 1, 0]], np.float64)


def test_c5_vectors_of_four_products() -> None:
    found = product_vectors(sparse.csr_matrix(BOUGHT), dimension=2)

    expected = [
        [0.298154713985, 0.106038606535],
        [0.093734735415, -1.354719017848],
        [0.217012155233, -0.934241351091],
        [-0.608901604632, 2.182921762404],
    ]
    np.testing.assert_allclose(found, expected, atol=1e-10)


def test_one_product_has_a_vector() -> None:
    assert product_vectors(sparse.csr_matrix(np.ones((3, 1)))).tolist() == [[0.0]]


def test_a_product_that_nobody_bought_has_a_finite_vector() -> None:
    found = product_vectors(sparse.csr_matrix(np.column_stack([BOUGHT, np.zeros(5)])))

    assert np.isfinite(found).all()
