"""A rulebook as the tables that the kernel reads, made once per policy and catalogue version."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import accumulate
from typing import Any

import numpy as np

from dog.core.events import EVENT_TYPES
from dog.core.kernels.past_events import BY_CATEGORY, BY_CONTACT, BY_PAIR, BY_PRODUCT
from dog.core.kernels.rank_by_rules import ALL_PRODUCTS, RULE, TRUE
from dog.core.kernels.run_programs import AND, COLUMN, OF_CONTACT, STEP
from dog.core.rulebook.columns import Frame
from dog.core.rulebook.conditions import Part
from dog.core.rulebook.contact_facts import CONTEXT, Fact, FactReader
from dog.core.rulebook.effect_context import EffectTables
from dog.core.rulebook.multiply import Multiply
from dog.core.rulebook.pin import Pin
from dog.core.rulebook.programs import Program, Step, height_of, is_of_options, joined
from dog.core.rulebook.rulebook import Rulebook

PAIR_COLUMNS = ("wins", "pitches", "win_rate")
"""In the order of the kernel `pair_history`."""
BY = {"contact": BY_CONTACT, "pair": BY_PAIR, "category": BY_CATEGORY, "product": BY_PRODUCT}
MOST_CACHED = 4_096
"""Outcomes that are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTables:
    """What the kernel needs of a rulebook.

    The condition of a rule is split into the parts of its chain of ANDs: what reads products alone is evaluated here,
    what reads contact and context alone once for each of their values (`contact_facts.py`). All other parts are the
    rule's program, which the kernel runs over the options of each request; a part that cannot be in a program is
    evaluated before, and the program reads it as a column.
    """

    rulebook: Rulebook
    products: Frame  # columns of the catalogue
    rules: np.ndarray  # records of RULE, shape (rules,)
    steps: np.ndarray  # records of STEP: the programs of all rules
    height: int  # how many rows a program holds at a time at most
    of_products: np.ndarray  # states of the parts that read products alone, shape (rules with any, products + 1)
    product_values: np.ndarray  # what programs read of products, shape (values, products + 1)
    of_contacts: FactReader  # what conditions say of contact and context alone
    of_options: tuple[Part, ...]  # parts that no program can express; their truth is behind `history`
    history: tuple[str, ...]  # columns of options besides scores and multiplier; those of pairs come first, then days
    caps: np.ndarray  # rule, number of options and number of groups, shape (caps, 3)
    groups: np.ndarray  # group of each product, -1 where it has none, shape (caps, products + 1)
    pins: np.ndarray  # rule and rank, shape (pins, 2)
    windows: np.ndarray  # type, whose and days of the past events that limits count, shape (windows, 3)
    dated: tuple[str, ...]  # types of events of which conditions read the days since the last
    kinds: np.ndarray  # their numbers
    reads_pairs: bool  # whether conditions read wins, pitches or the win rate
    of_contact: tuple[str, ...]  # columns of the contact that conditions read
    acting: np.ndarray  # the rules that multiply or pin: those that the receipt of an option names
    read: np.ndarray  # numbers of the columns that the conditions read, rule by rule, as of `unknown_rules`
    read_bounds: np.ndarray  # where those of each rule begin, and the end of the last
    calculates: np.ndarray  # conditions that may make nulls of values that are none, shape (rules,)
    product_nulls: np.ndarray  # of columns of products that conditions read, shape (columns, products + 1)
    fired: dict[bytes, tuple[int, ...]] = field(default_factory=dict, repr=False, compare=False)  # as it was found
    unknown: dict[bytes, Any] = field(default_factory=dict, repr=False, compare=False)  # as it was found
    of_days: dict[date, np.ndarray] = field(default_factory=dict, repr=False, compare=False)  # of `active`

    @classmethod
    def of(cls, rulebook: Rulebook, products: Frame, models: Sequence[str]) -> "RuleTables":
        """Return the tables for the columns of a catalogue, and for the models in the order of their scores."""
        rules, reads = np.zeros(len(rulebook.rules), RULE), rulebook.reads
        tables = EffectTables(products, rules, windows=rulebook.limits)
        for number, it in enumerate(rulebook.rules):
            it.rule.effect.tabulate(number, tables)
        scored = [*(f"score.{model}" for model in models), "consolidated", "multiplier"]
        dated = tuple(kind for kind in EVENT_TYPES if f"days_since.{kind}" in reads)
        reads_pairs = not reads.isdisjoint(PAIR_COLUMNS)
        known = [*(PAIR_COLUMNS if reads_pairs else ()), *(f"days_since.{kind}" for kind in dated)]
        others = sorted(name for name in reads if is_of_options(name) and name not in {*scored, *known})
        programs = _Programs(products, [*scored, *known, *others])
        for number, it in enumerate(rulebook.rules):
            programs.add(number, it.condition.parts, rules[number])
        described = [(EVENT_TYPES[window.event], BY[window.by], window.days) for window in rulebook.limits]
        of_product = sorted(name for name in reads if name.startswith("product."))
        attributes = sorted(name for name in reads if name.startswith(("contact.", CONTEXT)))
        places = {name: place for place, name in enumerate([*of_product, *attributes, *scored, *known, *others])}
        read = [[places[name] for name in it.condition.columns] for it in rulebook.rules]
        nulls = [np.broadcast_to(products.nulls(name), products.rows) for name in of_product]
        groups = np.array(tables.groups, np.int64).reshape(-1, products.rows)
        caps = np.array(tables.caps, np.int64).reshape(-1, 2)
        return cls(
            rulebook=rulebook,
            products=products,
            rules=rules,
            steps=np.array(programs.steps, STEP),
            height=programs.height,
            of_products=np.array(programs.of_products, np.int8).reshape(-1, products.rows),
            product_values=np.array(programs.product_values, np.float64).reshape(-1, products.rows),
            of_contacts=FactReader(
                rules=len(rules), parts=programs.of_requests, values=programs.contact_values, attributes=attributes
            ),
            of_options=tuple(programs.of_options),
            history=(*known, *others),
            caps=np.column_stack([caps, groups.max(axis=1, initial=-1) + 1]),
            groups=groups,
            pins=np.array(tables.pins, np.int64).reshape(-1, 2),
            windows=np.array(described, np.int64).reshape(-1, 3),
            dated=dated,
            kinds=np.array([EVENT_TYPES[kind] for kind in dated], np.int64),
            reads_pairs=reads_pairs,
            of_contact=tuple(sorted(name for name in reads if name.startswith("contact."))),
            acting=np.array([isinstance(it.rule.effect, Multiply | Pin) for it in rulebook.rules], bool).nonzero()[0],
            read=np.array([place for places in read for place in places], np.int64),
            read_bounds=np.array([0, *accumulate(map(len, read))], np.int64),
            calculates=np.array([it.condition.calculates for it in rulebook.rules], bool),
            product_nulls=np.array(nulls, bool).reshape(-1, products.rows),
        )

    def active(self, today: date) -> np.ndarray:
        """Return which rules act on a day, shape (rules,)."""
        active = self.of_days.get(today)
        if active is None:
            day, (first, last) = today.toordinal(), self.rulebook.days
            self.of_days.clear()
            active = self.of_days[today] = (first <= day) & (day <= last)
        return active


class _Programs:
    """The programs of the rules of a rulebook, and what they read."""

    def __init__(self, products: Frame, columns: Sequence[str]) -> None:
        self.products = products
        self.columns = {name: place for place, name in enumerate(columns)}
        self.steps: list[tuple[int, int, float]] = []
        self.height = 0
        self.of_products: list[np.ndarray] = []
        self.product_values: list[np.ndarray] = []
        self.of_requests: list[tuple[int, Fact]] = []
        self.contact_values: list[Fact] = []
        self.of_options: list[Part] = []

    def add(self, number: int, parts: Sequence[Part], rule: np.void) -> None:
        """Add the parts of a rule's condition; write into its record where they are."""
        of_products = np.full(self.products.rows, TRUE, np.int8)
        programs: list[Program] = []
        rule["of_products"], rule["begin"] = ALL_PRODUCTS, len(self.steps)
        for part in parts:
            if part.level == "product":
                np.minimum(of_products, part.states(self.products), out=of_products)
                rule["of_products"] = len(self.of_products)
            elif part.level == "request":
                self.of_requests.append((number, Fact(tuple(sorted(part.reads)), part.states)))
            else:
                programs.append(part.program or self._column_of(part))
        if rule["of_products"] != ALL_PRODUCTS:
            self.of_products.append(of_products)
        whole = joined(AND, programs) if programs else []
        self.height = max(self.height, height_of(whole))
        self.steps += [(step.operation, self._place(step), step.number) for step in whole]
        rule["end"] = len(self.steps)

    def _column_of(self, part: Part) -> Program:
        """Return the program of a part that is evaluated before."""
        column = f"part {len(self.of_options)}"
        self.columns[column] = len(self.columns)
        self.of_options.append(part)
        return (Step(COLUMN, column=column),)

    def _place(self, step: Step) -> int:
        """Return the number of what a step reads."""
        if step.operation == COLUMN:
            return self.columns[step.column]
        if step.values is None:
            return 0
        if step.operation == OF_CONTACT:
            self.contact_values.append(Fact(step.reads, step.values))
            return len(self.contact_values) - 1
        with np.errstate(all="ignore"):
            found = step.values(self.products)
        self.product_values.append(np.broadcast_to(np.asarray(found, np.float64), self.products.rows))
        return len(self.product_values) - 1
