"""Apply a policy's rules to options, and choose the best of each contact."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np

from dog.core.kernels.rank_by_rules import FALSE, TRUE, RankedByRules, rank_options
from dog.core.kernels.score import CONSOLIDATED, PERFORMANCE
from dog.core.rulebook.columns import Column, Frame, TextColumn
from dog.core.rulebook.contact_facts import encode_attributes, encode_context
from dog.core.rulebook.rule_outcomes import RuleOutcomes
from dog.core.rulebook.rule_tables import RuleTables


class RuleColumns(NamedTuple):
    """What rules read besides the catalogue.

    Parameters
    ----------
    today
        Day of the request in the tenant's time zone.
    attributes
        Values of the contacts by column, such as `contact.segment`; those that conditions read. Plain, or a column.
    context
        Attributes of the request by name, plain or as columns.
    history
        Columns of past events, those of `RuleTables.history`, shape (columns, options).
    event_counts
        Past events in each window that the rules limit, shape (windows, options).

    """

    today: date
    attributes: Mapping[str, Any]
    context: Mapping[str, Any]
    history: np.ndarray
    event_counts: np.ndarray


def history_of(tables: RuleTables, columns: Mapping[str, Any], options: int) -> np.ndarray:
    """Return columns of options by name as `RuleColumns.history`; those that are missing are null."""
    history = np.empty((len(tables.history), options))
    for row, name in zip(history, tables.history, strict=True):
        row[:] = columns.get(name, np.nan)
    return history


def apply_rules(
    tables: RuleTables,
    catalogue: Frame,
    given: RuleColumns,
    *,
    starts: np.ndarray,
    products: np.ndarray,
    k: int,
    allowed: np.ndarray,
    ties: np.ndarray,
    models: Sequence[str],
    raw: np.ndarray,
    factors: np.ndarray,
    drawn: np.ndarray,
) -> tuple[RankedByRules, RuleOutcomes]:
    """Return what the rules do to the options of one or more contacts, which are chosen, and the details for receipts.

    Arguments are as in `dog.core.kernels.rank_by_rules.rank_options`; `catalogue` has the columns of products.
    """
    of_contacts = tables.of_contacts.read(given.attributes, given.context, len(starts) - 1)
    active, history = tables.active(given.today), given.history
    if tables.of_options:
        columns = dict(zip([f"score.{model}" for model in models], raw, strict=True))
        columns |= zip(tables.history, history, strict=True)
        columns |= {"consolidated": factors[CONSOLIDATED], "multiplier": factors[PERFORMANCE]}
        frame = _frame_of(catalogue.take(products), given, columns, starts)
        history = np.concatenate([history, _truth_of_parts(tables, frame)])
    states, excluded_by, eligible, numbers, chosen, sizes = rank_options(
        starts,
        products,
        k,
        allowed,
        ties,
        active,
        tables.rules,
        tables.steps,
        tables.height,
        tables.of_products,
        tables.product_values,
        of_contacts.states,
        of_contacts.values,
        tables.caps,
        tables.groups,
        tables.pins,
        given.event_counts,
        raw,
        factors,
        history,
        drawn,
    )
    factor, scores, order_scores = numbers[0], numbers[1], numbers[2]  # to unpack it takes twice as long
    ranked = RankedByRules(states, excluded_by, eligible, factor, scores, order_scores, chosen, sizes)
    outcomes = RuleOutcomes(
        tables,
        starts,
        products,
        active,
        states,
        excluded_by,
        factor,
        of_contacts.nulls,
        raw,
        factors,
        given.history,
    )
    return ranked, outcomes


def _frame_of(
    of_products: Frame, given: RuleColumns, of_options: Mapping[str, np.ndarray], starts: np.ndarray
) -> Frame:
    """Return all columns, a row for each option."""
    sizes = np.diff(starts)
    of_contacts = {name: _repeat(column, sizes) for name, column in encode_attributes(given.attributes).items()}
    return of_products.with_columns({**encode_context(given.context), **of_contacts, **of_options})


def _truth_of_parts(tables: RuleTables, frame: Frame) -> np.ndarray:
    """Return where the parts that no program can express hold: 1, 0, or NaN where they are unknown."""
    truth = np.empty((len(tables.of_options), frame.rows))
    for row, part in zip(truth, tables.of_options, strict=True):
        states = part.states(frame)
        row[:] = np.where(states == TRUE, 1.0, np.where(states == FALSE, 0.0, np.nan))
    return truth


def _repeat(column: Column, sizes: np.ndarray) -> Column:
    """Repeat each contact's value for all of its options."""
    if len(sizes) == 1:
        return column
    if isinstance(column, TextColumn):
        return TextColumn(np.repeat(column.codes, sizes), column.vocabulary)
    return np.repeat(column, sizes)
