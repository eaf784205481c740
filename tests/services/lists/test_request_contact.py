import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dog.core.records import PURCHASES
from dog.services.lists.request_contact import add_purchases

ROWS = st.lists(st.tuples(st.integers(0, 5), st.integers(1, 3), st.integers(0, 99)), max_size=8)


def purchases(rows: list[tuple[int, int, int]]) -> np.ndarray:
    return np.array(rows, PURCHASES) if rows else np.zeros(0, PURCHASES)


@given(ROWS, ROWS)
def test_purchases_add_up_by_product(known: list[tuple[int, int, int]], added: list[tuple[int, int, int]]) -> None:
    found = add_purchases(purchases(known), purchases(added))

    every = [*known, *added]
    assert found["product"].tolist() == sorted({product for product, _, _ in every})
    for product, count, last in found.tolist():
        own = [row for row in every if row[0] == product]
        assert count == sum(row[1] for row in own)
        assert last == max(row[2] for row in own)
