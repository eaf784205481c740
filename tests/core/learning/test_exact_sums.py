"""Sums in whole units are the same for any order and chunks of the values."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dog.core.learning.exact_sums import UNITS, sum_units

VALUES = st.lists(st.floats(-1e3, 1e3), max_size=50).map(lambda values: np.array(values, np.float64))


@given(VALUES, st.integers(0, 50))
def test_order_and_chunks_make_no_difference(values: np.ndarray, split: int) -> None:
    whole = sum_units(values, 1)

    assert sum_units(values[::-1], 1) == whole
    assert sum_units(values[:split], 1) + sum_units(values[split:], 1) == whole
    assert whole / UNITS == pytest.approx(values.sum(), abs=len(values) / UNITS)


@given(VALUES)
def test_a_row_counts_as_often_as_its_size_says(values: np.ndarray) -> None:
    size = np.arange(len(values))

    assert sum_units(values, size) == sum_units(np.repeat(values, size), 1)
