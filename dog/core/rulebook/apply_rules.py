"""Apply a policy's rules to options, and choose the best of each contact."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dog.core.kernels.rank_by_rules import RankedByRules, rank_options
from dog.core.kernels.score import CONSOLIDATED, PERFORMANCE
from dog.core.rulebook.columns import Column, Frame, TextColumn, is_null_value
from dog.core.rulebook.rule_outcomes import RuleOutcomes
from dog.core.rulebook.rule_tables import RuleTables, encode_attributes, encode_context


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleColumns:
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
        Columns of past events, such as `pitches` and `days_since.win`, shape (options,) each.
    event_counts
        Past events in each window that the rules limit, shape (windows, options).

    """

    today: date
    attributes: Mapping[str, Any]
    context: Mapping[str, Any]
    history: Mapping[str, np.ndarray]
    event_counts: np.ndarray


@dataclass(frozen=True, kw_only=True)
class OptionColumns:
    """The columns of options, as conditions read them; the kernel reads most of them as arrays."""

    tables: RuleTables
    catalogue: Frame
    given: RuleColumns
    starts: np.ndarray
    products: np.ndarray
    models: Sequence[str]
    raw: np.ndarray
    factors: np.ndarray

    @cached_property
    def frame(self) -> Frame:
        """All of them, made when they are first read."""
        given, sizes = self.given, np.diff(self.starts)
        attributes = {name: _repeat(column, sizes) for name, column in encode_attributes(given.attributes).items()}
        columns: dict[str, Column] = {**encode_context(given.context), **attributes}
        columns |= {f"score.{name}": row for name, row in zip(self.models, self.raw, strict=True)}
        columns |= given.history
        columns |= {"consolidated": self.factors[CONSOLIDATED], "multiplier": self.factors[PERFORMANCE]}
        return self.catalogue.take(self.products).with_columns(columns)

    def nulls(self, name: str, rows: NDArray[np.integer]) -> list[bool]:
        """Return which of some options, of one contact, have no value in a column."""
        if (of_products := self.tables.nulls_of_products(name)) is not None:
            found: list[bool] = of_products.take(self.products.take(rows)).tolist()
            return found
        root, _, rest = name.partition(".")
        value = {"contact": self.given.attributes.get(name), "context": [self.given.context.get(rest)]}.get(root)
        if isinstance(value, list):
            return [is_null_value(value[0])] * len(rows)
        mask = self.frame.nulls(name)
        return mask.tolist() * len(rows) if len(mask) == 1 else mask.take(rows).tolist()


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
    options = len(products)
    columns = OptionColumns(
        tables=tables,
        catalogue=catalogue,
        given=given,
        starts=starts,
        products=products,
        models=models,
        raw=raw,
        factors=factors,
    )
    active = tables.active(given.today)
    part_states = np.empty((len(tables.of_options), options), np.int8)
    for row, (_, part) in zip(part_states, tables.of_options, strict=True):
        row[:] = part.states(columns.frame)
    history = np.empty((len(tables.history), options))
    for column, name in zip(history, tables.history, strict=True):
        column[:] = given.history.get(name, np.nan)
    ranked = rank_options(
        starts,
        products,
        k,
        allowed,
        ties,
        active,
        tables.of_products,
        tables.of_contacts(given.attributes, given.context, len(starts) - 1),
        tables.clauses,
        tables.part_rules,
        part_states,
        tables.effects,
        tables.caps,
        tables.groups,
        tables.pins,
        given.event_counts,
        raw,
        factors,
        history,
        drawn,
    )
    outcomes = RuleOutcomes(
        tables=tables,
        products=products,
        active=active,
        states=ranked.states,
        excluded_by=ranked.excluded_by,
        factor=ranked.factor,
        nulls=columns.nulls,
    )
    return ranked, outcomes


def _repeat(column: Column, sizes: np.ndarray) -> Column:
    """Repeat each contact's value for all of its options."""
    if len(sizes) == 1:
        return column
    if isinstance(column, TextColumn):
        return TextColumn(np.repeat(column.codes, sizes), column.vocabulary)
    return np.repeat(column, sizes)
