from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dog.core.kernels.rank_by_rules import NO_RULE, TRUE, RankedByRules
from dog.core.kernels.score import CONSOLIDATED, ORDER, PERFORMANCE, SCORE
from dog.core.policy.policy_reader import read_policy
from dog.core.policy.policy_rules import compile_policy
from dog.core.rulebook.apply_rules import RuleColumns, apply_rules, history_of
from dog.core.rulebook.column_schema import ColumnSchema
from dog.core.rulebook.columns import Column, Frame, TextColumn, encode
from dog.core.rulebook.rule_outcomes import RuleOutcomes
from dog.core.rulebook.rule_tables import RuleTables
from dog.core.rulebook.rulebook import Rulebook
from tests.core.kernels import oracles

TODAY = date(2026, 11, 20)
MODELS = ("cf", "lead")
SCHEMA = ColumnSchema(
    product={"id": "text", "category": "text", "value": "number", "green": "boolean"},
    contact={"segment": "text", "age": "number"},
    models=MODELS,
)
ATOMS = (
    "product.category = 'fax'",
    "product.value > 2",
    "product.green",
    "product.value IS NULL",
    "contact.segment = 'gold'",
    "contact.age < 40",
    "context.season = 'q4'",
    "context.hour BETWEEN 8 AND 12",
    "score.cf >= 0.5",
    "score.lead IS NULL",
    "NOT consolidated < 0.4",
    "multiplier BETWEEN 0.9 AND 1.1",
    "2 > pitches",
    "pitches = -1",
    "NOT pitches IS NOT NULL",
    "days_since.win <> 3",
    "product.value > contact.age",
    "score.cf > score.lead",
    "pitches + 1 > product.value",
    "score.cf IN (0.25, 0.5)",
    "true",
    "false",
)
EFFECTS: tuple[dict[str, Any], ...] = (
    {"exclude": True},
    {"multiply": 2.0},
    {"multiply": 0.3},
    {"cap": {"by": "product.category", "at_most": 1}},
    {"cap": {"by": "product.value", "at_most": 2}},
    {"exclusive": ["p1", "p2", "p4"]},
    {"pin": 1},
    {"pin": 3},
    {"limit": {"event": "pitch", "by": "pair", "at_most": 2, "days": 7}},
    {"limit": {"event": "win", "by": "contact", "at_most": 1, "days": 30}},
)
conditions = st.recursive(
    st.sampled_from(ATOMS),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]} AND {pair[1]})"),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]} OR {pair[1]})"),
        inner.map(lambda one: f"(NOT {one})"),
    ),
    max_leaves=4,
)
rules = st.fixed_dictionaries(
    {
        "when": st.lists(conditions, min_size=1, max_size=3).map(" AND ".join),
        "then": st.sampled_from(EFFECTS),
        "stage": st.sampled_from(["eligibility", "suitability"]),
    },
    optional={"to": st.sampled_from(["2026-11-19", "2026-11-20"])},
)


def some(random: np.random.Generator, values: list[Any], count: int) -> list[Any]:
    return [None if random.random() < 0.2 else values[random.integers(len(values))] for _ in range(count)]


def numbers(random: np.random.Generator, values: list[float], count: int) -> np.ndarray:
    return np.where(random.random(count) < 0.2, np.nan, random.choice(values, count))


class World:
    """A catalogue, and the options of some contacts with all that rules read."""

    def __init__(self, seed: int) -> None:
        random = np.random.default_rng(seed)
        records = [
            {"id": f"p{number}", "category": category, "value": value, "green": green}
            for number, (category, value, green) in enumerate(
                zip(
                    some(random, ["fax", "ink"], 6),
                    some(random, [1.0, 2.0, 3.0], 6),
                    some(random, [True, False], 6),
                    strict=True,
                )
            )
        ]
        self.catalogue = Frame.of([*records, {}], "product", SCHEMA.product)
        contacts = int(random.integers(1, 4))
        self.sizes = random.integers(0, 9, contacts)
        self.starts, options = np.cumsum([0, *self.sizes]), int(self.sizes.sum())
        self.products = random.integers(0, 7, options)
        self.raw = np.array([numbers(random, [0.25, 0.5, 0.75], options) for _ in MODELS])
        self.factors = random.choice([0.4, 0.5, 1.0, 1.1], (9, options))
        self.factors[[SCORE, ORDER], :] = numbers(random, [0.2, 0.4, 0.6], options)
        self.history = {"pitches": numbers(random, [-1.0, 0.0, 1.0, 2.0, 5.0], options)}
        self.history["days_since.win"] = numbers(random, [1.0, 3.0], options)
        self.attributes: dict[str, Any] = {
            "contact.segment": some(random, ["gold", "iron"], contacts),
            "contact.age": some(random, [1.0, 2.0, 45.0], contacts),
        }
        self.context: dict[str, Any] = {"season": some(random, ["q4", "q1"], 1)[0], "hour": some(random, [8, 20], 1)[0]}
        self.allowed, self.ties = random.random(options) < 0.9, random.permutation(options)
        self.counts = random.integers(0, 4, (2, options))
        self.drawn = random.integers(0, 3, options) / 2 if random.random() < 0.3 else np.zeros(0)

    def apply(self, rulebook: Rulebook, k: int) -> tuple[RankedByRules, RuleOutcomes]:
        tables = RuleTables.of(rulebook, self.catalogue, MODELS)
        given = RuleColumns(
            today=TODAY,
            attributes=self.attributes,
            context=self.context,
            history=history_of(tables, self.history, len(self.products)),
            event_counts=self.counts[: len(rulebook.limits)],
        )
        return apply_rules(
            tables,
            self.catalogue,
            given,
            starts=self.starts,
            products=self.products,
            k=k,
            allowed=self.allowed,
            ties=self.ties,
            models=MODELS,
            raw=self.raw,
            factors=self.factors,
            drawn=self.drawn,
        )

    def event_counts(self, rulebook: Rulebook) -> dict[Any, np.ndarray]:
        return dict(zip(rulebook.limits, self.counts, strict=False))

    def frame(self) -> Frame:
        """All columns, a row for each option."""
        columns: dict[str, Column] = {f"score.{name}": row for name, row in zip(MODELS, self.raw, strict=True)}
        columns |= {**self.history, "consolidated": self.factors[CONSOLIDATED], "multiplier": self.factors[PERFORMANCE]}
        for name, values in self.attributes.items():
            column = encode(values)
            columns[name] = (
                TextColumn(np.repeat(column.codes, self.sizes), column.vocabulary)
                if isinstance(column, TextColumn)
                else np.repeat(column, self.sizes)
            )
        columns |= {f"context.{name}": encode([value]) for name, value in self.context.items()}
        return self.catalogue.take(self.products).with_columns(columns)


def rulebook_of(documents: list[dict[str, Any]]) -> Rulebook:
    named = [{"id": f"r{number}", **document} for number, document in enumerate(documents)]
    return compile_policy(read_policy({"name": "a", "models": {name: {} for name in MODELS}, "rules": named}), SCHEMA)


@settings(max_examples=300)
@given(st.lists(rules, max_size=8), st.integers(0, 2**32 - 1), st.integers(0, 6))
def test_states_effects_and_choice_are_those_of_whole_conditions(
    documents: list[dict[str, Any]], seed: int, k: int
) -> None:
    world, rulebook = World(seed), rulebook_of(documents)
    ranked, outcomes = world.apply(rulebook, k)
    states = oracles.rule_states(rulebook, world.frame(), TODAY.toordinal())
    excluded_by, factor = oracles.rule_effects(rulebook, states, world.event_counts(rulebook))
    ordered_by = world.drawn if len(world.drawn) else world.factors[ORDER] * factor
    caps = [(cap.groups, cap.at_most) for cap in outcomes.caps]
    pins = [(pin.rank, pin.matches) for pin in outcomes.pins]
    may_come = world.allowed & (excluded_by == NO_RULE) & ~np.isnan(world.factors[SCORE])
    chosen = [
        oracles.selected(
            ordered_by, (begin + np.flatnonzero(may_come[begin:end])).tolist(), world.ties, k, caps=caps, pins=pins
        )
        for begin, end in zip(world.starts[:-1], world.starts[1:], strict=True)
    ]

    assert ranked.states.tolist() == states.tolist()
    assert ranked.excluded_by.tolist() == excluded_by.tolist()
    np.testing.assert_array_equal(ranked.factor, factor)
    np.testing.assert_array_equal(ranked.scores, world.factors[SCORE] * factor)
    assert ranked.eligible.tolist() == (world.allowed & (excluded_by == NO_RULE)).tolist()
    assert ranked.chosen.tolist() == [option for options in chosen for option in options]
    assert ranked.sizes.tolist() == [len(options) for options in chosen]


@given(st.integers(0, 2**32 - 1))
def test_a_cap_groups_the_options_of_one_value_for_which_its_rule_holds(seed: int) -> None:
    world = World(seed)
    rule = {"when": "pitches > 0", "then": {"cap": {"by": "product.category", "at_most": 1}}}
    ranked, outcomes = world.apply(rulebook_of([rule]), 3)
    column = world.frame().columns["product.category"]
    assert isinstance(column, TextColumn)

    assert outcomes.caps[0].groups.tolist() == np.where(ranked.states[0] == TRUE, column.codes, -1).tolist()


@pytest.mark.parametrize("documents", [[], [{"when": "true", "then": {"multiply": 2.0}}]])
def test_no_options_make_empty_lists(documents: list[dict[str, Any]]) -> None:
    world, rulebook = World(1), rulebook_of(documents)
    world.starts, world.sizes = np.zeros(4, np.int64), np.zeros(3, np.int64)
    for name in ("products", "allowed", "ties", "drawn"):
        setattr(world, name, getattr(world, name)[:0])
    world.raw, world.factors = world.raw[:, :0].copy(), world.factors[:, :0].copy()
    world.attributes = {name: ["gold" if name.endswith("segment") else 1.0] * 3 for name in world.attributes}
    world.history = {name: column[:0] for name, column in world.history.items()}
    ranked, _ = world.apply(rulebook, 3)

    assert ranked.chosen.tolist() == []
    assert ranked.sizes.tolist() == [0, 0, 0]
