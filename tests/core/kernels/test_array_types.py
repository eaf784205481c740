import numpy as np
import pytest
from numba import from_dtype, types

from dog.core.kernels.array_types import FLOAT_TABLE, FLOATS, array_of
from dog.core.kernels.compiled import compiled
from dog.core.records import PAIRS


@compiled((FLOATS,))
def total(values: np.ndarray) -> float:
    found = 0.0
    for value in values:
        found += value
    return found


@pytest.mark.parametrize("writable", [True, False])
def test_kernels_take_writable_and_read_only_arrays(writable: bool) -> None:
    values = np.array([0.5, 1.5])
    values.flags.writeable = writable

    assert total(values) == 2.0


@pytest.mark.parametrize("values", [np.ones((2, 2)), np.ones(4)[::2], np.ones(2, np.int64)])
def test_kernels_refuse_arrays_of_other_shape_stride_or_numbers(values: np.ndarray) -> None:
    with pytest.raises(TypeError, match="No matching definition"):
        total(values)


def test_records_are_those_of_their_dtype_and_tables_have_two_dimensions() -> None:
    assert array_of(PAIRS).dtype == from_dtype(PAIRS)
    assert (FLOAT_TABLE.ndim, FLOAT_TABLE.dtype, FLOAT_TABLE.mutable) == (2, types.float64, False)
