"""Apply a rulebook to rows of columns, one contact's options, without models: for tests of rules."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from dog.core.kernels.rank_by_rules import NO_RULE, TRUE, RankedByRules
from dog.core.kernels.score import CONSOLIDATED, ORDER, PERFORMANCE, SCORE
from dog.core.rulebook.apply_rules import RuleColumns, apply_rules, history_of
from dog.core.rulebook.column_schema import ColumnSchema
from dog.core.rulebook.columns import Frame, TextColumn
from dog.core.rulebook.conditions import compile_condition
from dog.core.rulebook.effect_context import EventCounts, RuleEffect
from dog.core.rulebook.rule_outcomes import RuleOutcomes
from dog.core.rulebook.rule_tables import RuleTables
from dog.core.rulebook.rulebook import CompiledRule, Rulebook
from dog.core.rulebook.rules import Rule

TODAY = date(2026, 11, 20)


@dataclass(frozen=True)
class Applied:
    """What rules did: as the kernel returns it, and as receipts read it."""

    ranked: RankedByRules
    outcomes: RuleOutcomes

    @property
    def excluded(self) -> list[bool]:
        return [bool(rule != NO_RULE) for rule in self.ranked.excluded_by]

    @property
    def factor(self) -> list[float]:
        return [float(factor) for factor in self.ranked.factor]

    @property
    def holds(self) -> list[list[bool]]:
        """Where each rule's condition is true, by rule."""
        return [[bool(state == TRUE) for state in states] for states in self.ranked.states]


def applied(
    rulebook: Rulebook,
    frame: Frame,
    *,
    counts: EventCounts | None = None,
    today: date = TODAY,
    scores: np.ndarray | None = None,
    k: int = 10,
    products: np.ndarray | None = None,
) -> Applied:
    """Apply rules to the rows of a frame, or to some products of it; columns 1 long hold for all of them."""
    rows = np.arange(frame.rows) if products is None else products
    own = {name: column for name, column in frame.columns.items() if not name.startswith("product.")}
    by_root: dict[str, dict[str, Any]] = {root: {} for root in ("contact", "context", "")}
    for name, column in own.items():
        root, _, rest = name.partition(".")
        by_root[root if root in by_root else ""][rest if root == "context" else name] = column
    history = {name: column for name, column in by_root[""].items() if not isinstance(column, TextColumn)}
    factors = np.full((9, len(rows)), np.nan)
    factors[[SCORE, ORDER]] = np.linspace(0.9, 0.1, len(rows)) if scores is None else scores
    factors[CONSOLIDATED] = history.get("consolidated", np.nan)
    factors[PERFORMANCE] = history.get("multiplier", np.nan)
    catalogue = Frame(frame.rows, {name: column for name, column in frame.columns.items() if name not in own})
    tables = RuleTables.of(rulebook, catalogue, ())
    given = RuleColumns(
        today=today,
        attributes=by_root["contact"],
        context=by_root["context"],
        history=history_of(tables, history, len(rows)),
        event_counts=np.array(
            [np.broadcast_to((counts or {})[window], len(rows)) for window in rulebook.limits], np.int64
        ).reshape(-1, len(rows)),
    )
    return Applied(
        *apply_rules(
            tables,
            catalogue,
            given,
            starts=np.array([0, len(rows)]),
            products=rows,
            k=k,
            allowed=np.ones(len(rows), bool),
            ties=np.arange(len(rows)),
            models=(),
            raw=np.zeros((0, len(rows))),
            factors=factors,
            drawn=np.zeros(0),
        )
    )


def applied_effect(effect: RuleEffect, frame: Frame, where: list[bool], counts: EventCounts | None = None) -> Applied:
    """Apply one effect to the rows of a frame for which a rule is to hold."""
    condition = compile_condition("product.chosen", ColumnSchema(product={"chosen": "boolean"}))
    rulebook = Rulebook((CompiledRule(Rule(id="r", effect=effect), condition),))
    return applied(rulebook, frame.with_columns({"product.chosen": np.array(where, np.float64)}), counts=counts)
