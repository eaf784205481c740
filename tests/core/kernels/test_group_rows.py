import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dog.core.kernels.group_rows import MIXER, number_rows


def number(words: np.ndarray, slots: int) -> tuple[list[int], list[int]]:
    group, first = np.empty(len(words), np.int64), np.empty(len(words), np.int64)
    with np.errstate(over="ignore"):  # numpy warns where the kernel runs as plain Python
        count = number_rows(words, np.full(slots, -1), group, first)
    return group.tolist(), first[:count].tolist()


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=60))
def test_groups_are_numbered_in_the_order_of_their_first_rows(rows: list[tuple[int, int]]) -> None:
    distinct = list(dict.fromkeys(rows))
    group, first = number(np.array(rows, np.uint64), 64)

    assert group == [distinct.index(row) for row in rows]
    assert first == [rows.index(row) for row in distinct]


def test_rows_whose_hashes_share_a_slot_do_not_share_a_group() -> None:
    inverse = pow(int(MIXER), -1, 2**64)
    words = np.array([[inverse * number % 2**64] for number in (0, 8, 16, 8, 24, 0)], np.uint64)

    assert number(words, 8) == ([0, 1, 2, 1, 3, 0], [0, 1, 2, 4])
