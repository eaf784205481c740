"""Types of the arrays that kernels take: contiguous, read-only ones among them."""

import numpy as np
from numba import from_dtype, types


def array_of(kind: types.Type | np.dtype, dimensions: int = 1) -> types.Array:
    """Return the type of an array of numbers, or of the records of a dtype; writable arrays are taken too."""
    element = from_dtype(kind) if isinstance(kind, np.dtype) else kind
    return types.Array(element, dimensions, "C", readonly=True)


INTEGERS, INTEGER_TABLE = array_of(types.int64), array_of(types.int64, 2)
FLOATS, FLOAT_TABLE = array_of(types.float64), array_of(types.float64, 2)
FLAGS, FLAG_TABLE = array_of(types.boolean), array_of(types.boolean, 2)
WORDS = array_of(types.uint64)
