"""Apply rules to options: whether each holds, what it does, and which options are chosen."""

import math
from typing import NamedTuple

import numpy as np
from numba import types

from dog.core.kernels.array_types import FLAGS, FLOAT_TABLE, FLOATS, INTEGER_TABLE, INTEGERS, array_of
from dog.core.kernels.choose import Caps, Pins, candidates_of, choose, no_groups
from dog.core.kernels.compiled import compiled
from dog.core.kernels.score import CONSOLIDATED, ORDER, PERFORMANCE, SCORE

FALSE, UNKNOWN, TRUE = range(3)
"""Whether a condition holds: AND is the least of its parts, OR the greatest."""
EQUAL, UNEQUAL, LESS, AT_MOST, MORE, AT_LEAST, NULL, NOT_NULL = range(8)
NO_EFFECT, EXCLUDE, MULTIPLY, LIMIT = range(4)
"""What the kernel does with an option for which a rule holds; caps and pins act on the choice."""
NO_RULE = -1

CLAUSE = np.dtype([("rule", "i8"), ("column", "i8"), ("test", "i8"), ("number", "f8")], align=True)
"""A part of a rule's condition that compares a column of options with a number.

Columns are numbered: the models' scores, the consolidated score, the performance multiplier, then `history`.
"""
EFFECT = np.dtype([("kind", "i8"), ("factor", "f8"), ("at_most", "i8"), ("window", "i8")], align=True)
"""What a rule does; `window` is the row of the past events that a limit counts."""


class RankedByRules(NamedTuple):
    """What rules did to options, arrays of shape (options,) unless they say otherwise, and the options chosen."""

    states: np.ndarray  # FALSE, UNKNOWN or TRUE, shape (rules, options); FALSE for rules that are not active
    excluded_by: np.ndarray  # number of the first rule that excludes an option, -1 where none does
    factor: np.ndarray  # product of the factors of the rules that hold
    eligible: np.ndarray
    scores: np.ndarray  # final scores
    order_scores: np.ndarray  # what the options are ordered by
    chosen: np.ndarray  # options contact by contact, best first
    sizes: np.ndarray  # how many were chosen for each contact, shape (contacts,)


@compiled()
def _test(value: float, test: int, number: float) -> int:
    """Return whether a comparison holds; UNKNOWN for NaN."""
    if test == NULL:
        return TRUE if math.isnan(value) else FALSE
    if test == NOT_NULL:
        return FALSE if math.isnan(value) else TRUE
    if math.isnan(value):
        return UNKNOWN
    holds = False
    if test == EQUAL:
        holds = value == number
    elif test == UNEQUAL:
        holds = value != number
    elif test == LESS:
        holds = value < number
    elif test == AT_MOST:
        holds = value <= number
    elif test == MORE:
        holds = value > number
    else:
        holds = value >= number
    return TRUE if holds else FALSE


@compiled()
def _apply_clause(states: np.ndarray, values: np.ndarray, test: int, number: float) -> None:
    for option in range(len(states)):
        if states[option] != FALSE:
            states[option] = min(states[option], _test(values[option], test, number))


@compiled()
def _apply_effect(
    rule: int, effect: np.void, states: np.ndarray, counts: np.ndarray, excluded_by: np.ndarray, factor: np.ndarray
) -> None:
    for option in range(len(states)):
        if states[option] != TRUE:
            continue
        if effect["kind"] == MULTIPLY:
            factor[option] *= effect["factor"]
        elif excluded_by[option] == NO_RULE and (
            effect["kind"] == EXCLUDE or counts[effect["window"], option] >= effect["at_most"]
        ):
            excluded_by[option] = rule


@compiled()
def _states_of_products(
    states: np.ndarray,
    products: np.ndarray,
    of_products: np.ndarray,
    of_contacts: np.ndarray,
    owner: np.ndarray,
    active: np.ndarray,
) -> None:
    """Write the states that follow from products, and from contact and context, alone."""
    for rule in range(len(states)):
        if not active[rule]:
            continue
        of_rule, known = states[rule], of_products[rule]
        for option in range(len(products)):
            of_rule[option] = min(known[products[option]], of_contacts[rule, owner[option]])


@compiled()
def _column(column: int, raw: np.ndarray, factors: np.ndarray, history: np.ndarray) -> np.ndarray:
    """Return a column that clauses read, by number."""
    if column < len(raw):
        return raw[column]
    if column < len(raw) + 2:
        return factors[CONSOLIDATED if column == len(raw) else PERFORMANCE]
    return history[column - len(raw) - 2]


@compiled()
def _apply_parts(states: np.ndarray, part_rules: np.ndarray, part_states: np.ndarray) -> None:
    for part in range(len(part_rules)):
        held = states[part_rules[part]]
        for option in range(len(held)):
            held[option] = min(held[option], part_states[part, option])


@compiled()
def _groups_of_caps(caps: np.ndarray, groups: np.ndarray, products: np.ndarray, states: np.ndarray) -> np.ndarray:
    """Return the group of each option by cap, -1 where its rule does not hold, shape (caps, options)."""
    found = np.full((len(caps), len(products)), -1, np.int64)
    for cap in range(len(caps)):
        for option in range(len(products)):
            if states[caps[cap, 0], option] == TRUE:
                found[cap, option] = groups[cap, products[option]]
    return found


_STATES = array_of(types.int8, 2)


@compiled(
    (
        INTEGERS,
        INTEGERS,
        types.int64,
        FLAGS,
        INTEGERS,
        FLAGS,
        _STATES,
        _STATES,
        array_of(CLAUSE),
        INTEGERS,
        _STATES,
        array_of(EFFECT),
        INTEGER_TABLE,
        INTEGER_TABLE,
        INTEGER_TABLE,
        INTEGER_TABLE,
        FLOAT_TABLE,
        FLOAT_TABLE,
        FLOAT_TABLE,
        FLOATS,
    )
)
def rank_options(
    starts: np.ndarray,
    products: np.ndarray,
    k: int,
    allowed: np.ndarray,
    ties: np.ndarray,
    active: np.ndarray,
    of_products: np.ndarray,
    of_contacts: np.ndarray,
    clauses: np.ndarray,
    part_rules: np.ndarray,
    part_states: np.ndarray,
    effects: np.ndarray,
    caps: np.ndarray,
    groups: np.ndarray,
    pins: np.ndarray,
    counts: np.ndarray,
    raw: np.ndarray,
    factors: np.ndarray,
    history: np.ndarray,
    drawn: np.ndarray,
) -> RankedByRules:
    """Apply all rules to the options of one or more contacts and choose each contact's k best.

    Parameters
    ----------
    starts
        Where each contact's options begin, and the end of the last, shape (contacts + 1,).
    products
        Product number of each option, shape (options,).
    k
        Options of a contact at most.
    allowed
        Options that a list may hold before the rules, shape (options,).
    ties
        Order of options with equal scores, the smaller first, shape (options,).
    active
        Rules that act on the day, shape (rules,).
    of_products
        States of the parts of conditions that read products alone, shape (rules, products + 1).
    of_contacts
        States of the parts that read contact and context alone, shape (rules, contacts).
    clauses
        Records of `CLAUSE`.
    part_rules, part_states
        The rules of all other parts, and their states, shape (parts,) and (parts, options).
    effects
        Records of `EFFECT`, shape (rules,).
    caps, groups
        Rule and number of options of each cap, shape (caps, 2); group of each product, shape (caps, products + 1).
    pins
        Rule and rank of each pin, shape (pins, 2).
    counts
        Past events that limits count, shape (windows, options).
    raw, factors, history
        Columns that clauses read: the models' scores, `ScoredOptions.factors`, all others.
    drawn
        Numbers to order by in place of the scores, shape (options,), or empty.

    """
    rules, options, contacts = len(effects), len(products), len(starts) - 1
    owner = np.repeat(np.arange(contacts), np.diff(starts))
    states = np.zeros((rules, options), np.int8)
    _states_of_products(states, products, of_products, of_contacts, owner, active)
    for clause in clauses:
        values = _column(clause["column"], raw, factors, history)
        _apply_clause(states[clause["rule"]], values, clause["test"], clause["number"])
    _apply_parts(states, part_rules, part_states)
    excluded_by, factor = np.full(options, NO_RULE, np.int32), np.ones(options)
    for rule in range(rules):
        if effects[rule]["kind"] != NO_EFFECT:
            _apply_effect(rule, effects[rule], states[rule], counts, excluded_by, factor)
    eligible = allowed & (excluded_by == NO_RULE)
    scores, order_scores = factors[SCORE] * factor, factors[ORDER] * factor
    pinned_by = np.empty((len(pins), options), np.bool_)
    for pin in range(len(pins)):
        pinned_by[pin] = states[pins[pin, 0]] == TRUE
    kept_pins = Pins(pins[:, 1], pinned_by)
    kept_caps = Caps(_groups_of_caps(caps, groups, products, states), caps[:, 1], no_groups(groups))
    ordered_by = drawn if len(drawn) else order_scores
    chosen, sizes, count = np.empty(k * contacts, np.int64), np.empty(contacts, np.int64), 0
    for contact in range(contacts):
        found = candidates_of(starts[contact], starts[contact + 1], eligible, scores)
        best = chosen[count : count + k]
        sizes[contact] = choose(found, ordered_by, ties, kept_caps, kept_pins, best)
        count += sizes[contact]
    return RankedByRules(states, excluded_by, factor, eligible, scores, order_scores, chosen[:count].copy(), sizes)
