from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dog.core.mergeable_sums import NO_MOMENTS, moments, tally

NUMBERS = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=3000).map(np.array)


@given(NUMBERS, st.integers(0, 3000))
def test_parts_have_the_moments_of_the_whole_to_the_last_bit(numbers: np.ndarray, cut: int) -> None:
    low, high = float(numbers.min()), float(numbers.max())

    parts = NO_MOMENTS + moments(numbers[cut:], low, high) + moments(numbers[:cut], low, high)

    assert parts == moments(numbers, low, high)


@given(NUMBERS)
def test_mean_and_deviation_are_those_of_the_numbers(numbers: np.ndarray) -> None:
    low, high = float(numbers.min()), float(numbers.max())
    exact = [Fraction(number) for number in numbers.tolist()]
    mean = sum(exact) / len(exact)
    variance = sum((number - mean) ** 2 for number in exact) / len(exact)

    found_mean, deviation = moments(numbers, low, high).spread(low, high)

    assert found_mean == pytest.approx(float(mean), abs=1e-9)
    assert deviation == pytest.approx(float(variance) ** 0.5, abs=1e-9)


def test_a_million_numbers_at_the_upper_bound_do_not_overflow() -> None:
    numbers = np.repeat([0.0, 1.0], [1, 1_000_000])

    mean, deviation = moments(numbers, 0.0, 1.0).spread(0.0, 1.0)

    assert mean == pytest.approx(1_000_000 / 1_000_001, rel=1e-15)
    assert deviation == pytest.approx(numbers.std(), rel=1e-9)


@pytest.mark.parametrize("width", [0.0, 5e-324, 1e-300])
def test_numbers_that_hardly_differ_count_as_equal(width: float) -> None:
    assert moments(np.array([0.0, width]), 0.0, width).spread(0.0, width) == (0.0, 0.0)


@given(st.lists(st.integers(0, 9), min_size=1), st.lists(st.integers(0, 9), min_size=1))
def test_counts_of_parts_add_up(one: list[int], other: list[int]) -> None:
    found, whole = tally(np.array(one)) + tally(np.array(other)), tally(np.array(one + other))

    assert found.values.tolist() == whole.values.tolist()
    assert found.counts.tolist() == whole.counts.tolist()
    assert found.total == len(one) + len(other)
