from fractions import Fraction
from random import Random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dog.core.kernels.sum_pairs import FINE, sum_pairs_by_product

PRODUCTS = 3
row = st.tuples(
    st.integers(0, PRODUCTS - 1),
    st.integers(0, 9),
    st.integers(0, 9),
    st.floats(0.0, 9.0),
    st.sampled_from([0.0, 1.0, 3.0]),
    st.integers(0, 5),
)
Rows = list[tuple[int, int, int, float, float, int]]


def summed(rows: Rows) -> np.ndarray:
    product, wins, losses, expected, scored, size = (np.array(column) for column in zip(*rows, strict=True))
    sums = np.zeros((6, 2, PRODUCTS))
    sum_pairs_by_product(product, wins * 1.0, (wins + losses) * 1.0, expected, scored, size, sums)
    return sums


@given(st.lists(row, min_size=1, max_size=20), st.randoms())
def test_the_order_of_the_pairs_changes_no_bit(rows: Rows, random: Random) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)

    assert summed(shuffled).tolist() == summed(rows).tolist()


@given(st.lists(row, min_size=1, max_size=20))
def test_both_parts_add_up_to_the_exact_sum(rows: Rows) -> None:
    exact = [[Fraction(0)] * PRODUCTS for _ in range(6)]
    for product, wins, losses, expected, scored, size in rows:
        n = wins + losses
        squares = wins * wins / n if n else 0.0
        scaled, unscored = (expected * n / scored, 0) if scored else (0.0, n)
        for place, value in enumerate((wins, n, squares, n > 0, scaled, unscored)):
            exact[place][product] += Fraction(value) * size
    found = summed(rows)
    error = 100 * Fraction(1 / FINE)

    for place in range(6):
        for product in range(PRODUCTS):
            both = Fraction(found[place, 0, product]) + Fraction(found[place, 1, product])
            assert abs(both - exact[place][product]) <= error
