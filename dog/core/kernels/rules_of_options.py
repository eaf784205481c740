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
def _mark_unknown(found: np.ndarray, states: np.ndarray, rows: np.ndarray, marks: np.ndarray) -> bool:
    """Write the marks of the rows for which a rule is unknown; return whether any row has one."""
    marked = False
    for row in range(len(rows)):
        marked |= marks[row]
        found[row] = marks[row] and states[rows[row]] == UNKNOWN
    return marked


@compiled()
def _has_unknown(states: np.ndarray, rows: np.ndarray) -> bool:
    for row in rows:  # noqa: SIM110  # numba has no `any` of a generator
        if states[row] == UNKNOWN:
            return True
    return False


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

    A rule whose columns have values in all rows is left out, unless it calculates. Each row of the answer marks rules,
    then the null columns of each of these, shape (rows, rules + columns).

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
    rules, first_of_options = len(states), len(of_products) + len(of_contacts)
    found, nulls = np.zeros((len(rows), rules + len(columns)), np.bool_), np.empty(len(rows), np.bool_)
    for rule in range(rules):
        if not _has_unknown(states[rule], rows):
            continue
        shown = calculates[rule]
        for place in range(bounds[rule], bounds[rule + 1]):
            column = columns[place]
            if column < len(of_products):
                for row in range(len(rows)):
                    nulls[row] = of_products[column, products[rows[row]]]
            elif column < first_of_options:
                _mark_nulls_of_contacts(nulls, rows, starts, of_contacts[column - len(of_products)])
            else:
                values = column_of(column - first_of_options, raw, factors, history)
                for row in range(len(rows)):
                    nulls[row] = math.isnan(values[rows[row]])
            shown |= _mark_unknown(found[:, rules + place], states[rule], rows, nulls)
        if shown:
            nulls[:] = True
            _mark_unknown(found[:, rule], states[rule], rows, nulls)
    return found
