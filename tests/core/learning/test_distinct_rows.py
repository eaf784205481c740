"""Pairs of one kind are found, whatever their order and types."""

import numpy as np
import pytest

from dog.core.learning.distinct_rows import WEIGHTS, tell_kinds


def test_pairs_are_of_one_kind_where_all_columns_agree_to_the_bit() -> None:
    wins = np.array([1, 1, 2, 1, 1], np.uint32)
    rate = np.array([0.1, 0.1 + 2**-56, 0.1, np.nan, np.nan])
    kinds = tell_kinds([wins, rate])

    assert sorted(kinds.times.tolist()) == [1, 1, 1, 2]
    assert kinds.kind[3] == kinds.kind[4]
    assert len(np.unique(kinds.kind)) == 4


def test_one_of_each_kind_stands_for_all_of_them() -> None:
    random = np.random.default_rng(3)
    columns = [random.integers(7, size=5_000), random.random(9)[random.integers(9, size=5_000)]]
    kinds = tell_kinds(columns)

    for column in columns:
        np.testing.assert_array_equal(column[kinds.first][kinds.kind], column)
    np.testing.assert_array_equal(np.bincount(kinds.kind), kinds.times)
    assert len(kinds.times) == 63


@pytest.mark.parametrize("kinds_there", [1, 50, 599, 5_000])
def test_kinds_are_told_apart_however_many_there_are(kinds_there: int) -> None:
    random = np.random.default_rng(5)
    values = random.random(kinds_there)[np.append(np.arange(kinds_there), random.integers(kinds_there, size=35_000))]
    kinds = tell_kinds([np.arange(len(values)) * 0, values])

    np.testing.assert_array_equal(values[kinds.first][kinds.kind], values)
    np.testing.assert_array_equal(np.bincount(kinds.kind), kinds.times)
    assert len(kinds.times) == kinds_there


def test_kinds_whose_hashes_begin_alike_are_told_apart() -> None:
    inverse = pow(int(WEIGHTS[0]), -1, 2**64)  # what is multiplied by it has the hash that is wanted
    wanted = [inverse * hashed % 2**64 for hashed in (0, 1, 2)]
    values = np.array(wanted, np.uint64)[np.random.default_rng(6).integers(3, size=9_000)]
    kinds = tell_kinds([values])

    np.testing.assert_array_equal(values[kinds.first][kinds.kind], values)
    assert len(kinds.times) == 3


def test_no_pairs_are_of_no_kind() -> None:
    assert len(tell_kinds([np.zeros(0), np.zeros(0, int)]).kind) == 0


def test_pairs_that_mostly_differ_are_kinds_of_their_own() -> None:
    values = np.random.default_rng(4).random(6_000)
    kinds = tell_kinds([values])

    assert kinds.all_differ
    np.testing.assert_array_equal(values[kinds.first][kinds.kind], values)
    assert kinds.times.sum() == 6_000
