"""Exact sums of pairs' evidence by product: in two parts, each a multiple of a power of two."""

import math

import numpy as np
from numba import float64

from dog.core.kernels.array_types import FLOATS, INTEGERS
from dog.core.kernels.compiled import compiled

COARSE, FINE = 2.0**16, 2.0**46
"""Units of the two parts of a sum: exact up to 2^37 in all and 2^23 pairs a product."""


@compiled()
def add_in_parts(sums: np.ndarray, product: int, value: float, count: int) -> None:
    """Add a value `count` times to the coarse and the fine part of a product's sum."""
    coarse = math.floor(value * COARSE) / COARSE
    sums[0, product] += coarse * count
    sums[1, product] += np.rint((value - coarse) * FINE) / FINE * count


@compiled((INTEGERS, FLOATS, FLOATS, FLOATS, FLOATS, INTEGERS, float64[:, :, ::1]))
def sum_pairs_by_product(
    product: np.ndarray,
    wins: np.ndarray,
    pitches: np.ndarray,
    expected: np.ndarray,
    scored: np.ndarray,
    size: np.ndarray,
    sums: np.ndarray,
) -> None:
    """Add evidence, shape (pairs,), to `sums`, shape (6, 2, products); `size` equal pairs share a row.

    The sums are those of `dog.core.learning.priors.PairSums`, in the order of its fields.
    """
    for row in range(len(product)):
        of, count = product[row], size[row]
        w, n = wins[row], pitches[row]
        add_in_parts(sums[0], of, w, count)
        add_in_parts(sums[1], of, n, count)
        if n > 0:
            add_in_parts(sums[2], of, w * w / n, count)
            add_in_parts(sums[3], of, 1.0, count)
        if scored[row] > 0:
            add_in_parts(sums[4], of, expected[row] * n / scored[row], count)
        else:
            add_in_parts(sums[5], of, n, count)
