"""Rows share a group exactly where they are equal, whatever their order, types and hashes."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dog.core.learning.distinct_rows import RowGroups, group_rows

HALVES = st.integers(-64, 64).map(lambda number: number / 2)
SHORT_FLOATS = HALVES | st.sampled_from([0.125, 2.9375, -0.0, 2.0**-30, 2.0**40, float("nan"), float("inf")])
ROWS = st.lists(st.tuples(st.integers(0, 1), SHORT_FLOATS, SHORT_FLOATS, SHORT_FLOATS), min_size=1, max_size=100)


def bytes_of(columns: Sequence[np.ndarray]) -> list[tuple[bytes, ...]]:
    return list(zip(*([value.tobytes() for value in column] for column in columns), strict=True))


def check(columns: Sequence[np.ndarray], groups: RowGroups) -> None:
    """Check that rows share a group where they are equal to the bit, and nowhere else."""
    rows, group = bytes_of(columns), groups.group.tolist()

    assert len(set(zip(rows, group, strict=True))) == len(set(rows)) == len(set(group)) == len(groups.size)
    np.testing.assert_array_equal(groups.group[groups.first], np.arange(len(groups.size)))
    np.testing.assert_array_equal(np.bincount(groups.group, minlength=len(groups.size)), groups.size)


@given(ROWS, st.integers(1, 20))
def test_rows_share_a_group_exactly_where_they_are_equal_to_the_bit(
    rows: list[tuple[int, float, float, float]], times: int
) -> None:
    columns = [np.tile(np.array(column), times) for column in zip(*rows, strict=True)]

    check(columns, group_rows(columns))


@given(st.integers(0, 2**32 - 1), st.integers(1, 600), st.sampled_from([2, 8, 64]))
def test_counts_and_sums_of_short_scores_share_a_group_exactly_where_they_are_equal(
    seed: int, rows: int, parts: int
) -> None:
    """Small multiples of 1/2 to 1/64 fill the upper bits of a float only, which a weaker hash loses."""
    columns = list(np.random.default_rng(seed).integers(0, 4 * parts, (3, rows)) / parts)

    check(columns, group_rows(columns))


def test_pairs_whose_scores_have_short_mantissas_do_not_share_a_group() -> None:
    product, wins, losses = np.array([7, 7, 8]), np.array([10, 10, 1]), np.array([30, 30, 1])
    expected, scored = np.array([0.125, 2.9375, 0.5]), np.array([35.0, 3.0, 1.0])
    columns = [product, wins, losses, np.array([0, 0, 1]), expected, scored]

    check(columns, group_rows(columns))


def test_half_steps_of_all_counts_are_told_apart() -> None:
    wins, pitches, expected = (grid.ravel() for grid in np.meshgrid(*[np.arange(30) / 2] * 3))
    columns = [np.tile(column, 2) for column in (wins, pitches, expected)]

    check(columns, group_rows(columns))


@pytest.mark.parametrize("distinct", [1, 50, 599, 5_000])
def test_rows_are_grouped_however_many_are_distinct(distinct: int) -> None:
    random = np.random.default_rng(5)
    values = random.random(distinct)[np.append(np.arange(distinct), random.integers(distinct, size=35_000))]
    columns = [np.arange(len(values)) * 0, values]

    check(columns, group_rows(columns))


def test_no_rows_make_no_groups() -> None:
    assert len(group_rows([np.zeros(0), np.zeros(0, int)]).size) == 0


def test_rows_that_all_differ_are_their_own_groups() -> None:
    values = np.random.default_rng(4).random(6_000)
    groups = group_rows([values])

    assert groups.all_distinct
    np.testing.assert_array_equal(values[groups.first][groups.group], values)
