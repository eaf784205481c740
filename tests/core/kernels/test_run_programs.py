"""What conditions mean is tested in `tests/core/rulebook/test_programs.py`: here the steps, one by one."""

import math

import numpy as np
import pytest

from dog.core.kernels import run_programs as kernel
from dog.core.kernels.run_programs import STEP, ProgramInputs, run_program

NULL = math.nan
INPUTS = ProgramInputs(
    products=np.array([2, 0, 1], np.uint64),
    owners=np.array([0, 1, 1], np.uint64),
    of_products=np.array([[10.0, 20.0, NULL]]),
    of_contacts=np.array([[5.0, 6.0]]),
    raw=np.array([[0.1, 0.2, 0.3]]),
    factors=np.arange(27.0).reshape(9, 3),
    history=np.array([[7.0, 8.0, 9.0]]),
)


def run(*steps: tuple[int, int, float], options: tuple[int, ...] = (0, 1, 2)) -> list[float]:
    program, places = np.array([(kernel.DROP, 0, 0.0), *steps], STEP), np.array(options, np.uint64)
    found: list[float] = run_program(program, 1, len(program), np.full((4, 3), 99.0), places, INPUTS).tolist()
    return found


def number(value: float) -> tuple[int, int, float]:
    return kernel.NUMBER, 0, value


@pytest.mark.parametrize(
    ("operation", "place", "expected"),
    [
        (kernel.OF_PRODUCT, 0, [NULL, 10.0, 20.0]),
        (kernel.OF_CONTACT, 0, [5.0, 6.0, 6.0]),
        (kernel.COLUMN, 0, [0.1, 0.2, 0.3]),
        (kernel.COLUMN, 1, [3.0, 4.0, 5.0]),
        (kernel.COLUMN, 2, [6.0, 7.0, 8.0]),
        (kernel.COLUMN, 3, [7.0, 8.0, 9.0]),
    ],
)
def test_values_come_from_products_contacts_and_columns(operation: int, place: int, expected: list[float]) -> None:
    assert run((operation, place, 0.0)) == pytest.approx(expected, nan_ok=True)
    assert run((operation, place, 0.0), options=(2, 0)) == pytest.approx([expected[2], expected[0]], nan_ok=True)


@pytest.mark.parametrize(
    ("operation", "given", "expected"),
    [
        (kernel.NOT, [0.0], 1.0),
        (kernel.NOT, [NULL], NULL),
        (kernel.IS_NULL, [NULL], 1.0),
        (kernel.IS_NULL, [2.0], 0.0),
        (kernel.AS_TRUTH, [2.0], NULL),
        (kernel.AS_TRUTH, [1.0], 1.0),
        (kernel.NEGATIVE, [2.0], -2.0),
        (kernel.ABSOLUTE, [-2.0], 2.0),
        (kernel.EQUAL, [2.0, 2.0], 1.0),
        (kernel.UNEQUAL, [2.0, NULL], NULL),
        (kernel.LESS, [1.0, 2.0], 1.0),
        (kernel.AT_MOST, [2.0, 2.0], 1.0),
        (kernel.MORE, [2.0, 2.0], 0.0),
        (kernel.AT_LEAST, [2.0, 2.0], 1.0),
        (kernel.AND, [NULL, 0.0], 0.0),
        (kernel.AND, [1.0, NULL], NULL),
        (kernel.OR, [NULL, 1.0], 1.0),
        (kernel.OR, [0.0, NULL], NULL),
        (kernel.PLUS, [1.0, 2.0], 3.0),
        (kernel.MINUS, [1.0, 2.0], -1.0),
        (kernel.TIMES, [2.0, 3.0], 6.0),
        (kernel.OVER, [3.0, 2.0], 1.5),
        (kernel.OVER, [3.0, 0.0], NULL),
        (kernel.GREATEST, [NULL, 2.0], 2.0),
        (kernel.LEAST, [3.0, 2.0], 2.0),
        (kernel.FIRST_KNOWN, [NULL, 2.0], 2.0),
        (kernel.WHEN, [1.0, 2.0, 1.0], 2.0),
        (kernel.WHEN, [1.0, 2.0, NULL], 1.0),
        (kernel.BETWEEN, [2.0, NULL, 1.0], 0.0),
        (kernel.BETWEEN, [2.0, NULL, 3.0], NULL),
        (kernel.BETWEEN, [2.0, 2.0, 3.0], 1.0),
        (kernel.OR_EQUAL, [0.0, 2.0, 2.0], 1.0),
        (kernel.OR_EQUAL, [0.0, 2.0, NULL], NULL),
        (kernel.OR_EQUAL, [1.0, 2.0, NULL], 1.0),
        (kernel.OR_EQUAL, [NULL, 2.0, 3.0], NULL),
    ],
)
def test_null_is_unknown_unless_the_rest_decides(operation: int, given: list[float], expected: float) -> None:
    assert run(*map(number, given), (operation, 0, 0.0)) == pytest.approx([expected] * 3, nan_ok=True)


@pytest.mark.parametrize(("value", "digits", "expected"), [(2.5, 0, 3.0), (-0.25, 1, -0.3), (NULL, 2, NULL)])
def test_halves_are_rounded_away_from_zero(value: float, digits: int, expected: float) -> None:
    assert run(number(value), (kernel.ROUND, 0, 10.0**digits)) == pytest.approx([expected] * 3, nan_ok=True)


def test_steps_work_on_the_top_of_the_stack() -> None:
    steps = [number(0.0), number(3.0), number(3.0), (kernel.OR_EQUAL, 0, 0.0), (kernel.DROP, 0, 0.0)]

    assert run(*steps, number(0.0), (kernel.OR, 0, 0.0)) == [1.0, 1.0, 1.0]
