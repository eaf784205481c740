"""Apply rules to options: whether each holds, what it does, and which options are chosen."""

import math
from typing import NamedTuple

import numpy as np
from numba import types

from dog.core.kernels.array_types import FLAGS, FLOAT_TABLE, FLOATS, INTEGER_TABLE, INTEGERS, array_of
from dog.core.kernels.choose import Caps, Pins, candidates_of, choose
from dog.core.kernels.compiled import compiled
from dog.core.kernels.run_programs import STEP, ProgramInputs, run_program
from dog.core.kernels.score import ORDER, SCORE

FALSE, UNKNOWN, TRUE = range(3)
"""Whether a condition holds: AND is the least of its parts, OR the greatest."""
NO_EFFECT, EXCLUDE, MULTIPLY, LIMIT = range(4)
"""What the kernel does with an option for which a rule holds; caps and pins act on the choice."""
NO_RULE = -1
ALL_PRODUCTS = -1

RULE = np.dtype(
    [
        ("kind", "i8"),  # what it does with each option
        ("factor", "f8"),
        ("at_most", "i8"),
        ("window", "i8"),  # row of the past events that a limit counts
        ("of_products", "i8"),  # row of the states of its parts that read products alone, ALL_PRODUCTS where none do
        ("begin", "i8"),  # its program for options: the steps from here
        ("end", "i8"),  # to here
    ],
    align=True,
)
"""What a rule asks and does."""


class RankedByRules(NamedTuple):
    """What rules did to options, arrays of shape (options,) unless they say otherwise, and the options chosen."""

    states: np.ndarray  # FALSE, UNKNOWN or TRUE, shape (rules, options); FALSE for rules that are not active
    excluded_by: np.ndarray  # number of the first rule that excludes an option, -1 where none does
    eligible: np.ndarray
    factor: np.ndarray  # product of the factors of the rules that hold
    scores: np.ndarray  # final scores
    order_scores: np.ndarray  # what the options are ordered by
    chosen: np.ndarray  # options contact by contact, best first
    sizes: np.ndarray  # how many were chosen for each contact, shape (contacts,)


@compiled()
def _fill_states(
    states: np.ndarray,
    of_contacts: np.ndarray,
    of_products: np.ndarray,
    starts: np.ndarray,
    products: np.ndarray,
    still_open: np.ndarray,
) -> np.int64:
    """Write a rule's states that follow from products, and from contact and context, alone.

    The states are all FALSE before. The options for which it is not false yet are written into `still_open`; returned
    is their number. `of_products` is empty where no part reads products alone.
    """
    count = np.uint64(0)
    for contact in range(len(starts) - 1):
        begin, end, of_contact = starts[contact], starts[contact + 1], of_contacts[contact]
        own_states, own_products = states[begin:end], products[begin:end]
        if of_contact == FALSE:
            continue
        if not len(of_products):
            own_states[:] = of_contact
            own_open = still_open[np.int64(count) : np.int64(count) + end - begin]
            for number in range(len(own_open)):
                own_open[number] = np.uint64(begin + number)
            count += np.uint64(end - begin)
        else:
            for number in range(len(own_states)):
                state = of_products[own_products[number]]
                own_states[number] = min(of_contact, state)
                still_open[count] = np.uint64(begin + number)
                count += np.uint64(state != FALSE)
    return np.int64(count)


@compiled()
def _apply_truth(states: np.ndarray, options: np.ndarray, truth: np.ndarray) -> None:
    """Apply what a program found for some options: 1, 0, or NaN where it is unknown."""
    for number in range(len(options)):
        if math.isnan(truth[number]):
            states[options[number]] = UNKNOWN  # it was not false
        elif truth[number] == 0.0:
            states[options[number]] = FALSE


@compiled()
def _apply_effect(
    number: int,
    rule: np.void,
    states: np.ndarray,
    options: np.ndarray,
    counts: np.ndarray,
    excluded_by: np.ndarray,
    factor: np.ndarray,
) -> None:
    if rule["kind"] == MULTIPLY:
        for option in options:
            if states[option] == TRUE:
                factor[option] *= rule["factor"]
        return
    for option in options:
        if (
            states[option] == TRUE
            and excluded_by[option] == NO_RULE
            and (rule["kind"] == EXCLUDE or counts[rule["window"], option] >= rule["at_most"])
        ):
            excluded_by[option] = number


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
        array_of(RULE),
        array_of(STEP),
        types.int64,
        _STATES,
        FLOAT_TABLE,
        _STATES,
        FLOAT_TABLE,
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
    rules: np.ndarray,
    steps: np.ndarray,
    height: int,
    of_products: np.ndarray,
    product_values: np.ndarray,
    of_contacts: np.ndarray,
    contact_values: np.ndarray,
    caps: np.ndarray,
    groups: np.ndarray,
    pins: np.ndarray,
    counts: np.ndarray,
    raw: np.ndarray,
    factors: np.ndarray,
    history: np.ndarray,
    drawn: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Apply all rules to the options of one or more contacts and choose each contact's k best.

    Returns the states, excluded_by, eligible, a table of the rows factor, scores and order_scores, chosen and sizes of
    `RankedByRules`: each array takes 4,500 instructions to return.

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
    rules
        Records of `RULE`, shape (rules,).
    steps, height
        Records of `STEP`: the programs of the rules; how many rows they hold at a time at most.
    of_products, product_values
        States of the parts of conditions that read products alone, shape (rules with such parts, products + 1); what
        programs read of products, shape (values, products + 1).
    of_contacts, contact_values
        States of the parts that read contact and context alone, shape (rules, contacts); what programs read of
        them, shape (values, contacts).
    caps, groups
        Rule, number of options and number of groups of each cap, shape (caps, 3); group of each product, shape
        (caps, products + 1).
    pins
        Rule and rank of each pin, shape (pins, 2).
    counts
        Past events that limits count, shape (windows, options).
    raw, factors, history
        Columns that programs read: the models' scores, `ScoredOptions.factors`, all others.
    drawn
        Numbers to order by in place of the scores, shape (options,), or empty.

    """
    options, contacts = len(products), len(starts) - 1
    states, stack = np.zeros((len(rules), options), np.int8), np.empty((height, options))
    excluded_by, numbers = np.full(options, NO_RULE, np.int32), np.empty((3, options))
    factor, scores, order_scores = numbers[0], numbers[1], numbers[2]
    factor[:] = 1.0
    # unsigned places: numba tests each signed one for being negative, which takes longer than the rest of a loop
    places, own_products = np.empty(options + 1, np.uint64), products.view(np.uint64)
    owners, no_states = np.empty(options, np.uint64), of_products[:0].ravel()
    for contact in range(contacts):
        owners[starts[contact] : starts[contact + 1]] = np.uint64(contact)
    inputs = ProgramInputs(own_products, owners, product_values, contact_values, raw, factors, history)
    for number in range(len(rules)):
        rule, of_rule = rules[number], states[number]
        if not active[number]:
            continue
        known = of_products[rule["of_products"]] if rule["of_products"] != ALL_PRODUCTS else no_states
        still_open = places[: _fill_states(of_rule, of_contacts[number], known, starts, own_products, places)]
        if len(still_open) and rule["begin"] < rule["end"]:
            truth = run_program(steps, rule["begin"], rule["end"], stack, still_open, inputs)
            _apply_truth(of_rule, still_open, truth)
        if rule["kind"] != NO_EFFECT:
            _apply_effect(number, rule, of_rule, still_open, counts, excluded_by, factor)
    eligible = np.empty(options, np.bool_)
    for option in range(options):
        eligible[option] = allowed[option] and excluded_by[option] == NO_RULE
        scores[option] = factors[SCORE, option] * factor[option]
        order_scores[option] = factors[ORDER, option] * factor[option]
    pinned_by = np.empty((len(pins), options), np.bool_)
    for pin in range(len(pins)):
        pinned_by[pin] = states[pins[pin, 0]] == TRUE
    kept_pins = Pins(pins[:, 1], pinned_by)
    held = np.zeros((len(caps), caps[:, 2].max() if len(caps) else 0), np.int64)
    kept_caps = Caps(_groups_of_caps(caps, groups, products, states), caps[:, 1], held)
    ordered_by = drawn if len(drawn) else order_scores
    chosen, sizes, count = np.empty(k * contacts, np.int64), np.empty(contacts, np.int64), 0
    for contact in range(contacts):
        found = candidates_of(starts[contact], starts[contact + 1], eligible, scores)
        best = chosen[count : count + k]
        sizes[contact] = choose(found, ordered_by, ties, kept_caps, kept_pins, best)
        count += sizes[contact]
    return states, excluded_by, eligible, numbers, chosen[:count].copy(), sizes
