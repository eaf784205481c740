"""Group identical rows of columns, so that the week's arithmetic runs once per group.

Most contact-product pairs have few pitches: tens of thousands of pairs often hold a few hundred distinct rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dog.core.kernels.group_rows import number_rows


@dataclass(frozen=True, slots=True)
class RowGroups:
    """Which rows are identical."""

    group: np.ndarray  # number of each row's group, shape (rows,)
    first: np.ndarray | slice  # index of one row of each group, shape (groups,); a full slice if all rows are distinct
    size: np.ndarray  # rows in each group, shape (groups,)

    @property
    def all_distinct(self) -> bool:
        """Whether each row is a group of its own."""
        return len(self.size) == len(self.group)


def group_rows(columns: Sequence[np.ndarray]) -> RowGroups:
    """Group the rows that are equal, bit for bit, in all columns, each of shape (rows,); in order of their first rows.

    Examples
    --------
    >>> groups = group_rows([np.array([5, 7, 5]), np.array([1.0, 1.0, 1.0])])
    >>> groups.size.tolist(), groups.group.tolist()
    ([2, 1], [0, 1, 0])

    """
    rows = len(columns[0])
    words = np.empty((rows, len(columns)), np.uint64)
    for place, column in enumerate(columns):
        is_float = column.dtype.kind == "f"
        words[:, place] = np.ascontiguousarray(column, np.float64).view(np.uint64) if is_float else column
    group, first = np.empty(rows, np.int64), np.empty(rows, np.int64)
    count = number_rows(words, np.full(1 << (2 * rows).bit_length(), -1), group, first)
    size = np.bincount(group, minlength=count)
    return RowGroups(_numbers(group, count), slice(None) if count == rows else first[:count], size)


def _numbers(group: np.ndarray, groups: int) -> np.ndarray:
    return group.astype(np.uint16 if groups <= 1 << 16 else np.uint32)
