import numpy as np
import pytest

from dog.core.rulebook.expressions import divide, first_known, round_half_away

NAN = float("nan")


def test_division_by_zero_is_null() -> None:
    assert np.isnan(divide(np.array([1.0, 4.0]), np.array([0.0, 2.0]))).tolist() == [True, False]


@pytest.mark.parametrize(("number", "digits", "expected"), [(0.5, 0, 1.0), (-0.5, 0, -1.0), (2.675, 2, 2.68)])
def test_halves_round_away_from_zero(number: float, digits: int, expected: float) -> None:
    assert round_half_away(np.array([number]), digits).tolist() == [expected]


def test_the_first_known_value_is_taken_row_by_row() -> None:
    assert first_known(np.array([NAN, 1.0]), np.array([2.0, 3.0])).tolist() == [2.0, 1.0]
