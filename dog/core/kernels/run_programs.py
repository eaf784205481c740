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
PLUS, MINUS, TIMES, OVER = range(16, 20)
AND, OR, GREATEST, LEAST, FIRST_KNOWN = range(20, 25)
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
    owners: np.ndarray  # number of each option's contact, shape (options,)
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
def _put(step: np.void, row: np.ndarray, options: np.ndarray, inputs: ProgramInputs) -> None:
    operation, place = step["operation"], step["place"]
    if operation == NUMBER:
        row[:] = step["number"]
    elif operation == COLUMN:
        values = column_of(place, inputs.raw, inputs.factors, inputs.history)
        if len(row) == len(values):
            for number in range(len(row)):  # in a third of the time of assigning the whole
                row[number] = values[number]
        else:
            for number in range(len(row)):
                row[number] = values[options[number]]
    elif operation == OF_PRODUCT:
        for number in range(len(row)):
            row[number] = inputs.of_products[place, inputs.products[options[number]]]
    else:
        for number in range(len(row)):
            row[number] = inputs.of_contacts[place, inputs.owners[options[number]]]


@compiled()
def _rounded(value: float, scale: float) -> float:
    """Round halves away from zero, as SQL does."""
    scaled = value * scale
    whole = np.trunc(scaled)
    away = np.sign(scaled) if abs(scaled - whole) >= 0.5 else 0.0
    return (whole + away) / scale


@compiled()
def _change_truth(operation: int, row: np.ndarray) -> None:
    if operation == NOT:
        for number in range(len(row)):
            row[number] = 1.0 - row[number]
    elif operation == IS_NULL:
        for number in range(len(row)):
            row[number] = 1.0 if math.isnan(row[number]) else 0.0
    else:
        for number in range(len(row)):
            row[number] = row[number] if row[number] in (0.0, 1.0) else np.nan


@compiled()
def _change_number(operation: int, row: np.ndarray, scale: float) -> None:
    if operation == NEGATIVE:
        for number in range(len(row)):
            row[number] = -row[number]
    elif operation == ABSOLUTE:
        for number in range(len(row)):
            row[number] = abs(row[number])
    else:
        for number in range(len(row)):
            row[number] = _rounded(row[number], scale)


@compiled()
def _is_null(left: float, right: float) -> bool:
    return math.isnan(left) or math.isnan(right)


@compiled()
def _compare(operation: int, left: np.ndarray, right: np.ndarray) -> None:
    """Write whether a comparison holds into the left row: each is one of three tests, or its opposite."""
    yes = 0.0 if operation in (UNEQUAL, AT_LEAST, AT_MOST) else 1.0
    no = 1.0 - yes
    if operation in (EQUAL, UNEQUAL):
        for number in range(len(left)):
            holds = yes if left[number] == right[number] else no
            left[number] = np.nan if _is_null(left[number], right[number]) else holds
    elif operation in (LESS, AT_LEAST):
        for number in range(len(left)):
            holds = yes if left[number] < right[number] else no
            left[number] = np.nan if _is_null(left[number], right[number]) else holds
    else:
        for number in range(len(left)):
            holds = yes if left[number] > right[number] else no
            left[number] = np.nan if _is_null(left[number], right[number]) else holds


@compiled()
def _calculate(operation: int, left: np.ndarray, right: np.ndarray) -> None:
    """Write the result of arithmetic on two rows into the left one."""
    if operation == PLUS:
        for number in range(len(left)):
            left[number] += right[number]
    elif operation == MINUS:
        for number in range(len(left)):
            left[number] -= right[number]
    elif operation == TIMES:
        for number in range(len(left)):
            left[number] *= right[number]
    else:
        for number in range(len(left)):
            left[number] = np.nan if right[number] == 0.0 else left[number] / right[number]


@compiled()
def _combine(operation: int, left: np.ndarray, right: np.ndarray) -> None:
    """Write what follows from two truths, or the choice between two values, into the left row."""
    for number in range(len(left)):
        one, other = left[number], right[number]
        if operation == AND:
            one = 0.0 if one == 0.0 or other == 0.0 else one * other
        elif operation == OR:
            one = 1.0 if one == 1.0 or other == 1.0 else one + other
        elif operation == GREATEST:
            one = other if math.isnan(one) or other > one else one
        elif operation == LEAST:
            one = other if math.isnan(one) or other < one else one
        else:
            one = other if math.isnan(one) else one
        left[number] = one


@compiled()
def _between(value: float, low: float, high: float) -> float:
    """Return whether a number is in a range, both ends included; it is unknown with one end unless beyond the other."""
    if value < low or value > high:
        return 0.0
    return 1.0 if low <= value <= high else np.nan


@compiled()
def _combine_three(operation: int, first: np.ndarray, second: np.ndarray, third: np.ndarray) -> None:
    """Write the result of an operation on three rows into the first one."""
    for number in range(len(first)):
        one, other, last = first[number], second[number], third[number]
        if operation == WHEN:
            one = other if last == 1.0 else one
        elif operation == BETWEEN:
            one = _between(one, other, last)
        elif other == last:
            one = 1.0
        elif one != 1.0 and (math.isnan(other) or math.isnan(last)):
            one = np.nan
        first[number] = one


@compiled()
def run_program(
    steps: np.ndarray, begin: int, end: int, stack: np.ndarray, options: np.ndarray, inputs: ProgramInputs
) -> np.ndarray:
    """Run the steps from `begin` to `end` for some options; return the result of each, shape (options,).

    `steps` are records of `STEP`, and `stack` has a row for each number that a program holds at a time, shape
    (rows, options).
    """
    height, count = 0, len(options)
    for place in range(begin, end):
        operation = steps[place]["operation"]
        top = stack[max(height - 1, 0), :count]
        if operation <= OF_CONTACT:
            _put(steps[place], stack[height, :count], options, inputs)
            height += 1
        elif operation <= AS_TRUTH:
            _change_truth(operation, top)
        elif operation <= ROUND:
            _change_number(operation, top, steps[place]["number"])
        elif operation <= AT_LEAST:
            height -= 1
            _compare(operation, stack[height - 1, :count], top)
        elif operation <= OVER:
            height -= 1
            _calculate(operation, stack[height - 1, :count], top)
        elif operation <= FIRST_KNOWN:
            height -= 1
            _combine(operation, stack[height - 1, :count], top)
        elif operation == DROP:
            height -= 1
        else:
            _combine_three(operation, stack[height - 3, :count], stack[height - 2, :count], top)
            height -= 1 if operation == OR_EQUAL else 2
    return stack[0, :count]
