"""Number the distinct rows of a table by a hash table with open addressing."""

import numpy as np

from dog.core.kernels.compiled import compiled

MIXER = np.uint64(0x9E3779B97F4A7C15)
"""Odd factor without a pattern (2^64 divided by the golden ratio); it decides how fast rows group, never which."""
UPPER = np.uint64(32)


@compiled()
def are_equal(words: np.ndarray, one: int, other: int) -> bool:
    """Return whether two rows have the same words."""
    for column in range(words.shape[1]):  # noqa: SIM110  # numba compiles no generators
        if words[one, column] != words[other, column]:
            return False
    return True


@compiled("i8(u8[:, ::1], i8[::1], i8[::1], i8[::1])")
def number_rows(words: np.ndarray, slots: np.ndarray, group: np.ndarray, first: np.ndarray) -> int:
    """Write each row's group and the first row of each group, both of shape (rows,); return the number of groups.

    Rows of `words`, shape (rows, columns), share a group where all words are equal. `slots` is the hash table, all -1
    before: more slots than rows, a power of two.
    """
    groups, last_slot = 0, np.uint64(len(slots) - 1)
    for row in range(len(words)):
        hashed = np.uint64(0)
        for column in range(words.shape[1]):
            hashed = (hashed ^ words[row, column]) * MIXER
            hashed ^= hashed >> UPPER  # short mantissas leave the lower bits empty
        slot = hashed & last_slot
        while slots[slot] >= 0:
            if are_equal(words, first[slots[slot]], row):
                break
            slot = (slot + np.uint64(1)) & last_slot
        if slots[slot] < 0:
            slots[slot] = groups
            first[groups] = row
            groups += 1
        group[row] = slots[slot]
    return groups
