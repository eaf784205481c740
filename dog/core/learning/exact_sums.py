"""Sums in whole numbers: neither the order of pairs nor their chunks matter, as they would in floating point."""

import numpy as np

UNITS = 2**32
"""A sum counts units of 2^-32."""


def sum_units(values: np.ndarray, size: np.ndarray | int) -> int:
    """Sum values, each `size` times, in units of 2^-32; both of shape (rows,).

    >>> sum_units(np.array([0.5, 0.25]), np.array([1, 2])) / UNITS
    1.0

    """
    return int((np.rint(values * UNITS).astype(np.int64) * size).sum())
