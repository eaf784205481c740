import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dog.core.kernels.draw_figures import draw_areas, draw_sums


def areas(rows: list[tuple[int, int, bool, int]], times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return doubled areas and pairs of rows of group, score, won and cluster."""
    ordered = sorted(rows, key=lambda row: row[:2])
    group, score, won, cluster = (np.array(column) for column in zip(*ordered, strict=True))
    ends_group = np.append(np.diff(group) != 0, True)
    ends_tie = np.append(np.diff(score) != 0, True) | ends_group
    doubled, pairs = np.zeros((2, times.shape[1]), np.int64)
    draw_areas(cluster.astype(np.int32), won.astype(bool), ends_tie, ends_group, times, doubled, pairs)
    return doubled, pairs


@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 3), st.booleans(), st.integers(0, 3)), min_size=1, max_size=30
    ),
    st.integers(0, 99),
)
def test_areas_are_those_of_comparing_each_win_with_each_loss(
    rows: list[tuple[int, int, bool, int]], seed: int
) -> None:
    times = np.random.default_rng(seed).integers(0, 4, (4, 3)).astype(np.uint8)
    doubled, pairs = areas(rows, times)

    for sample in range(3):
        compared = [
            (int(times[win[3], sample]) * int(times[loss[3], sample]), np.sign(win[1] - loss[1]) + 1)
            for win in rows
            for loss in rows
            if win[2] and not loss[2] and win[0] == loss[0]
        ]
        assert pairs[sample] == sum(count for count, _ in compared)
        assert doubled[sample] == sum(count * beaten for count, beaten in compared)


def test_sums_are_those_of_the_rows_that_were_drawn() -> None:
    chance = np.random.default_rng(0)
    cluster, bin_of = chance.integers(0, 5, 40).astype(np.int32), chance.integers(0, 3, 40).astype(np.int32)
    values, times = chance.random((40, 2)), chance.integers(0, 3, (5, 4)).astype(np.uint8)
    sums = np.zeros((3, 2, 4))

    draw_sums(cluster, bin_of, values, times, sums)

    for number in range(3):
        own = bin_of == number
        assert np.allclose(sums[number], values[own].T @ times[cluster[own]])
