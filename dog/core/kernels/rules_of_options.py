"""Find what rules did to some options: which of the acting rules hold, and what the unknown ones lack."""

import math

import numpy as np
from numba import types

from dog.core.kernels.array_types import FLAG_TABLE, FLAGS, FLOAT_TABLE, INTEGERS, array_of
from dog.core.kernels.compiled import compiled
from dog.core.kernels.rank_by_rules import TRUE, UNKNOWN
from dog.core.kernels.run_programs import column_of

_STATES = array_of(types.int8, 2)


@compiled((INTEGERS, _STATES, INTEGERS))
def fired_rules(rows: np.ndarray, states: np.ndarray, acting: np.ndarray) -> np.ndarray:
    """Return which of the acting rules hold for each of some options, shape (rows, acting rules)."""
    held = np.empty((len(rows), len(acting)), np.bool_)
    for place in range(len(rows)):
        for column in range(len(acting)):
            held[place, column] = states[acting[column], rows[place]] == TRUE
    return held


@compiled()
def _mark_nulls_of_contacts(nulls: np.ndarray, rows: np.ndarray, starts: np.ndarray, of_contacts: np.ndarray) -> None:
    for place in range(len(rows)):
        contact = 0
        while starts[contact + 1] <= rows[place]:
            contact += 1
        nulls[place] = of_contacts[contact]


@compiled()
def _has_unknown(states: np.ndarray, rows: np.ndarray) -> bool:
    for row in rows:  # noqa: SIM110  # numba has no `any` of a generator
        if states[row] == UNKNOWN:
            return True
    return False


@compiled()
def _written(
    rows: np.ndarray, states: np.ndarray, shown: np.ndarray, nulls: np.ndarray, bounds: np.ndarray, widest: int
) -> np.ndarray:
    """Return the answer of `unknown_rules`."""
    found, count = np.zeros((len(rows) * shown.sum(), 2 + widest), np.int16), 0
    for row in range(len(rows)):
        for rule in range(len(states)):
            if shown[rule] and states[rule, rows[row]] == UNKNOWN:
                found[count, 0], found[count, 1] = row, rule
                for place in range(bounds[rule], bounds[rule + 1]):
                    found[count, 2 + place - bounds[rule]] = nulls[place, row]
                count += 1
    return found[:count]


@compiled(
    (
        INTEGERS,
        INTEGERS,
        INTEGERS,
        _STATES,
        INTEGERS,
        INTEGERS,
        FLAGS,
        FLAG_TABLE,
        FLAG_TABLE,
        FLOAT_TABLE,
        FLOAT_TABLE,
        FLOAT_TABLE,
    )
)
def unknown_rules(
    rows: np.ndarray,
    starts: np.ndarray,
    products: np.ndarray,
    states: np.ndarray,
    columns: np.ndarray,
    bounds: np.ndarray,
    calculates: np.ndarray,
    of_products: np.ndarray,
    of_contacts: np.ndarray,
    raw: np.ndarray,
    factors: np.ndarray,
    history: np.ndarray,
) -> np.ndarray:
    """Return the rules that are unknown for some options, and which of the columns that they read are null.

    A rule whose columns have values in all rows is left out, unless it calculates. Each row of the answer is the place
    among `rows`, the number of the rule, and 1 or 0 for each of its columns, then zeros; int16.

    Parameters
    ----------
    rows
        Positions of options.
    starts, products, states, raw, factors, history
        As of `dog.core.kernels.rank_by_rules.rank_options`.
    columns, bounds
        Numbers of the columns that the conditions read, rule by rule, and where those of each rule begin, and the end
        of the last: first come the rows of `of_products`, then those of `of_contacts`, then the columns of options as
        in `dog.core.kernels.run_programs`.
    calculates
        Conditions that may make nulls of values that are none, shape (rules,).
    of_products, of_contacts
        Nulls of columns of products, shape (columns, products + 1), and of contact and context, shape
        (columns, contacts).

    """
    first_of_options, widest = len(of_products) + len(of_contacts), 0
    shown, nulls = np.zeros(len(states), np.bool_), np.zeros((len(columns), len(rows)), np.bool_)
    for rule in range(len(states)):
        if not _has_unknown(states[rule], rows):
            continue
        shown[rule] = calculates[rule]
        for place in range(bounds[rule], bounds[rule + 1]):
            column, of_column = columns[place], nulls[place]
            if column < len(of_products):
                for row in range(len(rows)):
                    of_column[row] = of_products[column, products[rows[row]]]
            elif column < first_of_options:
                _mark_nulls_of_contacts(of_column, rows, starts, of_contacts[column - len(of_products)])
            else:
                values = column_of(column - first_of_options, raw, factors, history)
                for row in range(len(rows)):
                    of_column[row] = math.isnan(values[rows[row]])
            shown[rule] |= of_column.any()
        widest = max(widest, bounds[rule + 1] - bounds[rule])
    return _written(rows, states, shown, nulls, bounds, widest)
