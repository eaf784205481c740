"""Pairs of one kind are found, whatever their order and types."""

import numpy as np

from dog.core.kinds import tell_kinds


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


def test_no_pairs_are_of_no_kind() -> None:
    assert len(tell_kinds([np.zeros(0), np.zeros(0, int)]).kind) == 0


def test_pairs_that_mostly_differ_are_kinds_of_their_own() -> None:
    values = np.random.default_rng(4).random(6_000)
    kinds = tell_kinds([values])

    assert kinds.all_differ
    np.testing.assert_array_equal(values[kinds.first][kinds.kind], values)
    assert kinds.times.sum() == 6_000
