"""A rulebook as the tables that the kernel reads, made once per policy and catalogue version."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np

from dog.core.events import EVENT_TYPES
from dog.core.kernels.past_events import BY_CATEGORY, BY_CONTACT, BY_PAIR, BY_PRODUCT
from dog.core.kernels.rank_by_rules import CLAUSE, EFFECT, TRUE
from dog.core.rulebook.columns import Column, Frame, TextColumn, encode
from dog.core.rulebook.conditions import Part
from dog.core.rulebook.effect_context import EffectTables
from dog.core.rulebook.multiply import Multiply
from dog.core.rulebook.pin import Pin
from dog.core.rulebook.rulebook import Rulebook

CONTEXT = "context."
PAIR_COLUMNS = ("wins", "pitches", "win_rate")
"""In the order of the kernel `pair_history`."""
BY = {"contact": BY_CONTACT, "pair": BY_PAIR, "category": BY_CATEGORY, "product": BY_PRODUCT}
MOST_CACHED = 4_096
"""Combinations of attributes of contacts, and of contexts, of which the states are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTables:
    """What the kernel needs of a rulebook.

    The condition of a rule is split into the parts of its chain of ANDs: what reads products alone is evaluated here,
    what reads contact and context alone once for each combination of their values, and a comparison of a column of
    options with a number by the kernel. All other parts are evaluated for the options of each request.
    """

    rulebook: Rulebook
    products: Frame  # columns of the catalogue
    of_products: np.ndarray  # states of the parts that read products alone, shape (rules, products + 1)
    of_requests: tuple[tuple[int, Part], ...]  # rule and part
    of_options: tuple[tuple[int, Part], ...]
    part_rules: np.ndarray  # the rules of `of_options`, shape (parts,)
    clauses: np.ndarray  # records of CLAUSE
    history: tuple[str, ...]  # columns that clauses read besides scores and multiplier
    effects: np.ndarray  # records of EFFECT, shape (rules,)
    caps: np.ndarray  # rule and number of options, shape (caps, 2)
    groups: np.ndarray  # group of each product, -1 where it has none, shape (caps, products + 1)
    pins: np.ndarray  # rule and rank, shape (pins, 2)
    windows: np.ndarray  # type, whose and days of the past events that limits count, shape (windows, 3)
    dated: tuple[str, ...]  # types of events of which conditions read the days since the last
    kinds: np.ndarray  # their numbers
    reads_pairs: bool  # whether conditions read wins, pitches or the win rate
    of_contact: tuple[str, ...]  # columns of the contact that conditions read
    acting: list[int]  # the rules that multiply or pin: those that the receipt of an option names
    attributes: tuple[str, ...]  # columns of the contact and the context that `of_requests` read
    cached: dict[str, np.ndarray] = field(default_factory=dict, repr=False, compare=False)  # of `of_contacts`
    nulls: dict[str, np.ndarray] = field(default_factory=dict, repr=False, compare=False)  # of `nulls_of_products`
    of_days: dict[date, np.ndarray] = field(default_factory=dict, repr=False, compare=False)  # of `active`

    @classmethod
    def of(cls, rulebook: Rulebook, products: Frame, models: Sequence[str]) -> "RuleTables":
        """Return the tables for the columns of a catalogue, and for the models in the order of their scores."""
        columns = [*(f"score.{model}" for model in models), "consolidated", "multiplier"]
        of_products = np.full((len(rulebook.rules), products.rows), TRUE, np.int8)
        of_requests, of_options, clauses = [], [], []
        for rule, it in enumerate(rulebook.rules):
            for part in it.condition.parts:
                if part.level == "product":
                    np.minimum(of_products[rule], part.states(products), out=of_products[rule])
                elif part.level == "request":
                    of_requests.append((rule, part))
                elif part.clauses:
                    clauses += [(rule, clause) for clause in part.clauses]
                else:
                    of_options.append((rule, part))
        columns += dict.fromkeys(clause.column for _, clause in clauses if clause.column not in columns)
        rows = [(rule, columns.index(clause.column), clause.test, clause.number) for rule, clause in clauses]
        tables = EffectTables(products, np.zeros(len(rulebook.rules), EFFECT), windows=rulebook.limits)
        for rule, it in enumerate(rulebook.rules):
            it.rule.effect.tabulate(rule, tables)
        described = [(EVENT_TYPES[window.event], BY[window.by], window.days) for window in rulebook.limits]
        dated = tuple(kind for kind in EVENT_TYPES if f"days_since.{kind}" in rulebook.reads)
        return cls(
            rulebook=rulebook,
            products=products,
            of_products=of_products,
            of_requests=tuple(of_requests),
            of_options=tuple(of_options),
            part_rules=np.array([rule for rule, _ in of_options], np.int64),
            clauses=np.array(rows, CLAUSE),
            history=tuple(columns[len(models) + 2 :]),
            effects=tables.effects,
            caps=np.array(tables.caps, np.int64).reshape(-1, 2),
            groups=np.array(tables.groups, np.int64).reshape(-1, products.rows),
            pins=np.array(tables.pins, np.int64).reshape(-1, 2),
            windows=np.array(described, np.int64).reshape(-1, 3),
            dated=dated,
            kinds=np.array([EVENT_TYPES[kind] for kind in dated], np.int64),
            reads_pairs=not rulebook.reads.isdisjoint(PAIR_COLUMNS),
            of_contact=tuple(sorted(name for name in rulebook.reads if name.startswith("contact."))),
            acting=[rule for rule, it in enumerate(rulebook.rules) if isinstance(it.rule.effect, Multiply | Pin)],
            attributes=tuple(sorted(frozenset[str]().union(*(part.reads for _, part in of_requests)))),
        )

    def active(self, today: date) -> np.ndarray:
        """Return which rules act on a day, shape (rules,)."""
        active = self.of_days.get(today)
        if active is None:
            day, (first, last) = today.toordinal(), self.rulebook.days
            self.of_days.clear()
            active = self.of_days[today] = (first <= day) & (day <= last)
        return active

    def nulls_of_products(self, name: str) -> np.ndarray | None:
        """Mark the products without a value in a column, shape (products + 1,); None for a column of no product."""
        if not name.startswith("product."):
            return None
        if name not in self.nulls:
            self.nulls[name] = np.broadcast_to(self.products.nulls(name), self.products.rows).copy()
        return self.nulls[name]

    def of_contacts(self, attributes: Mapping[str, Any], context: Mapping[str, Any], contacts: int) -> np.ndarray:
        """Return the states of the parts that read contact and context alone, shape (rules, contacts).

        Parameters
        ----------
        attributes
            Values of the contacts by column, such as `contact.segment`, all that conditions read.
        context
            Values of the request by name.
        contacts
            How many.

        """
        if contacts > 1:
            return self._states(attributes, context, contacts)
        given = [
            attributes[name] if name in attributes else context.get(name[len(CONTEXT) :]) for name in self.attributes
        ]
        key = repr(given)  # not a tuple: 1, 1.0 and True are equal, and different to a condition
        states = self.cached.get(key)
        if states is None:
            if len(self.cached) >= MOST_CACHED:
                self.cached.clear()
            states = self.cached[key] = self._states(attributes, context, 1)
        return states

    def _states(self, attributes: Mapping[str, Any], context: Mapping[str, Any], contacts: int) -> np.ndarray:
        states = np.full((len(self.rulebook.rules), contacts), TRUE, np.int8)
        frame = Frame(contacts, {**encode_attributes(attributes), **encode_context(context)})
        for rule, part in self.of_requests:
            np.minimum(states[rule], part.states(frame), out=states[rule])
        return states


def encode_attributes(attributes: Mapping[str, Any]) -> dict[str, Column]:
    """Return the values of contacts as columns; what is a column already stays as it is."""
    return {name: _encode(values, values) for name, values in attributes.items()}


def encode_context(context: Mapping[str, Any]) -> dict[str, Column]:
    """Return the values of a request as columns of one row; what is a column already stays as it is."""
    return {f"{CONTEXT}{name}": _encode(value, [value]) for name, value in context.items()}


def _encode(given: Any, values: Any) -> Column:
    return given if isinstance(given, np.ndarray | TextColumn) else encode(values)
