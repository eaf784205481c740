"""Run the programs of conditions: step by step over all options at once.

A program takes its numbers from a stack of rows and leaves its result there. NaN is null; what is true, false or
unknown is 1, 0 or NaN.
"""

import math
from typing import NamedTuple

import numpy as np

from dog.core.kernels.compiled import compiled
from dog.core.kernels.score import CONSOLIDATED, PERFORMANCE

NUMBER, COLUMN, OF_PRODUCT, OF_CONTACT = range(4)
"""Steps that put a row on the stack."""
NOT, IS_NULL, AS_TRUTH, NEGATIVE, ABSOLUTE, ROUND = range(4, 10)
"""Steps that change the row on top; ROUND has ten to the power of the digits as its number."""
EQUAL, UNEQUAL, LESS, AT_MOST, MORE, AT_LEAST = range(10, 16)
AND, OR, PLUS, MINUS, TIMES, OVER, GREATEST, LEAST, FIRST_KNOWN = range(16, 25)
"""Steps that put one row in the place of two, as comparisons do."""
WHEN, BETWEEN, OR_EQUAL = range(25, 28)
"""Steps on three rows. WHEN: `otherwise`, `value`, `condition` become one; BETWEEN: `value`, `low`, `high` become one;
OR_EQUAL: `found`, `value`, `other` become `found OR value = other` and `value`."""
DROP = 28

STEP = np.dtype([("operation", "i8"), ("place", "i8"), ("number", "f8")], align=True)
"""A step of a program; `place` is the number of a column, or of the values of products or contacts.

Columns are numbered: the models' scores, the consolidated score, the performance multiplier, then `history`.
"""


class ProgramInputs(NamedTuple):
    """What programs read."""

    products: np.ndarray  # product number of each option, shape (options,)
    starts: np.ndarray  # where each contact's options begin, and the end of the last, shape (contacts + 1,)
    of_products: np.ndarray  # values that follow from products alone, shape (values, products + 1)
    of_contacts: np.ndarray  # values that follow from contact and context alone, shape (values, contacts)
    raw: np.ndarray  # the models' scores, shape (models, options)
    factors: np.ndarray  # `ScoredOptions.factors`
    history: np.ndarray  # all other columns of options, shape (columns, options)


@compiled()
def column_of(column: int, raw: np.ndarray, factors: np.ndarray, history: np.ndarray) -> np.ndarray:
    """Return a column of options by its number."""
    if column < len(raw):
        return raw[column]
    if column < len(raw) + 2:
        return factors[CONSOLIDATED if column == len(raw) else PERFORMANCE]
    return history[column - len(raw) - 2]


@compiled()
def _put(step: np.void, row: np.ndarray, inputs: ProgramInputs) -> None:
    operation, place = step["operation"], step["place"]
    if operation == NUMBER:
        row[:] = step["number"]
    elif operation == COLUMN:
        row[:] = column_of(place, inputs.raw, inputs.factors, inputs.history)
    elif operation == OF_PRODUCT:
        values = inputs.of_products[place]
        for option in range(len(row)):
            row[option] = values[inputs.products[option]]
    else:
        for contact in range(len(inputs.starts) - 1):
            row[inputs.starts[contact] : inputs.starts[contact + 1]] = inputs.of_contacts[place, contact]


@compiled()
def _change(operation: int, row: np.ndarray, number: float) -> None:
    for option in range(len(row)):
        value = row[option]
        if operation == NOT:
            value = 1.0 - value
        elif operation == IS_NULL:
            value = 1.0 if math.isnan(value) else 0.0
        elif operation == AS_TRUTH:
            value = value if value in (0.0, 1.0) else np.nan
        elif operation == NEGATIVE:
            value = -value
        elif operation == ABSOLUTE:
            value = abs(value)
        else:
            value = _rounded(value, number)
        row[option] = value


@compiled()
def _rounded(value: float, scale: float) -> float:
    """Round halves away from zero, as SQL does."""
    scaled = value * scale
    whole = np.trunc(scaled)
    away = np.sign(scaled) if abs(scaled - whole) >= 0.5 else 0.0
    return (whole + away) / scale


@compiled()
def _truth(holds: bool, left: float, right: float) -> float:
    """Return the truth of a comparison of two numbers."""
    if math.isnan(left) or math.isnan(right):
        return np.nan
    return 1.0 if holds else 0.0


@compiled()
def _compare(operation: int, left: np.ndarray, right: np.ndarray) -> None:
    """Write whether a comparison holds into the left row."""
    for option in range(len(left)):
        one, other = left[option], right[option]
        if operation == EQUAL:
            holds = one == other
        elif operation == UNEQUAL:
            holds = one != other
        elif operation == LESS:
            holds = one < other
        elif operation == AT_MOST:
            holds = one <= other
        elif operation == MORE:
            holds = one > other
        else:
            holds = one >= other
        left[option] = _truth(holds, one, other)


@compiled()
def _combine(operation: int, left: np.ndarray, right: np.ndarray) -> None:
    """Write the result of an operation on two rows into the left one."""
    for option in range(len(left)):
        one, other = left[option], right[option]
        if operation == AND:
            one = 0.0 if one == 0.0 or other == 0.0 else one * other
        elif operation == OR:
            one = 1.0 if one == 1.0 or other == 1.0 else one + other
        elif operation == PLUS:
            one = one + other
        elif operation == MINUS:
            one = one - other
        elif operation == TIMES:
            one = one * other
        elif operation == OVER:
            one = np.nan if other == 0.0 else one / other
        elif operation == GREATEST:
            one = other if math.isnan(one) or other > one else one
        elif operation == LEAST:
            one = other if math.isnan(one) or other < one else one
        else:
            one = other if math.isnan(one) else one
        left[option] = one


@compiled()
def _between(value: float, low: float, high: float) -> float:
    """Return whether a number is in a range, both ends included; it is unknown with one end unless beyond the other."""
    if value < low or value > high:
        return 0.0
    return 1.0 if low <= value <= high else np.nan


@compiled()
def _combine_three(operation: int, first: np.ndarray, second: np.ndarray, third: np.ndarray) -> None:
    """Write the result of an operation on three rows into the first one."""
    for option in range(len(first)):
        one, other, last = first[option], second[option], third[option]
        if operation == WHEN:
            one = other if last == 1.0 else one
        elif operation == BETWEEN:
            one = _between(one, other, last)
        elif other == last:
            one = 1.0
        elif one != 1.0 and (math.isnan(other) or math.isnan(last)):
            one = np.nan
        first[option] = one


@compiled()
def run_program(steps: np.ndarray, begin: int, end: int, stack: np.ndarray, inputs: ProgramInputs) -> None:
    """Run the steps from `begin` to `end`; the result is the first row of the stack.

    `steps` are records of `STEP`, and `stack` has a row for each number that a program holds at a time, shape
    (rows, options).
    """
    height = 0
    for place in range(begin, end):
        operation = steps[place]["operation"]
        if operation <= OF_CONTACT:
            _put(steps[place], stack[height], inputs)
            height += 1
        elif operation <= ROUND:
            _change(operation, stack[height - 1], steps[place]["number"])
        elif operation <= AT_LEAST:
            height -= 1
            _compare(operation, stack[height - 1], stack[height])
        elif operation <= FIRST_KNOWN:
            height -= 1
            _combine(operation, stack[height - 1], stack[height])
        elif operation == DROP:
            height -= 1
        else:
            _combine_three(operation, stack[height - 3], stack[height - 2], stack[height - 1])
            height -= 1 if operation == OR_EQUAL else 2
