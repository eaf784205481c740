"""The outcomes of the rules for the options of one request."""

from dataclasses import dataclass
from typing import NamedTuple, TypedDict

import numpy as np
from numpy.typing import NDArray

from dog.core.rulebook.columns import Bools, Floats, Frame
from dog.core.rulebook.conditions import Condition
from dog.core.rulebook.effect_context import NO_RULE, EffectOutput
from dog.core.rulebook.rules import Rule, Stage


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule and its condition."""

    rule: Rule
    condition: Condition


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """The rule that excluded an option, its stage and reason."""

    rule_id: str
    stage: Stage
    effect: str
    reason: str


class FiredRule(TypedDict):
    """A rule that acted on an option, as receipts have it; the factor is 1 where it does not multiply."""

    id: str
    effect: str
    factor: float
    reason: str


class UnknownRule(NamedTuple):
    """A rule that is unknown for an option, and the columns that are null."""

    rule_id: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleOutcomes:
    """The outcomes of all rules."""

    rules: tuple[CompiledRule, ...]  # the rules of the rulebook, by number
    reads: frozenset[str]  # full names of the columns they read
    calculates: bool  # whether any of them may make nulls of values that are none
    frame: Frame  # the columns of the options
    output: EffectOutput  # the results of the effects
    fires: Bools  # where each rule's condition is true, shape (rules, options); nowhere for a rule that is not active
    active: tuple[bool, ...]  # whether each rule is active on the day
    factor: Floats  # product of the factors of all rules that fired, shape (options,)

    @property
    def excluded(self) -> Bools:
        """Return which options are excluded, shape (options,)."""
        excluded: Bools = self.output.excluded_by != NO_RULE
        return excluded

    def exclusion(self, row: int) -> Exclusion | None:
        """Return the first rule that excluded an option; `None` where none did."""
        number = int(self.output.excluded_by[row])
        if number == NO_RULE:
            return None
        rule = self.rules[number].rule
        return Exclusion(rule_id=rule.id, stage=rule.stage, effect=rule.effect.kind, reason=rule.reason)

    def fired(self, rows: NDArray[np.integer]) -> list[list[FiredRule]]:
        """Return for each of some options the multiplying and pinning rules that fired."""
        fired: list[list[FiredRule]] = [[] for _ in rows]
        factors = {**{pin.rule: 1.0 for pin in self.output.pins}, **self.output.factors}
        acting = sorted(factors)
        as_fired: dict[int, FiredRule] = {}
        numbers, places = self.fires.take(acting, axis=0).take(rows, axis=1).nonzero()
        for number, place in zip(numbers.tolist(), places.tolist(), strict=True):
            if number not in as_fired:
                rule, factor = self.rules[acting[number]].rule, factors[acting[number]]
                as_fired[number] = FiredRule(id=rule.id, effect=rule.effect.kind, factor=factor, reason=rule.reason)
            fired[place].append(as_fired[number])
        return fired

    def unknown(self, rows: NDArray[np.integer]) -> list[list[UnknownRule]]:
        """Return for each of some options the active rules that are neither true nor false for it."""
        unknown: list[list[UnknownRule]] = [[] for _ in rows]
        seen = self.frame.take(rows)
        with_nulls = frozenset(name for name in self.reads if seen.nulls(name).any())
        if not with_nulls and not self.calculates:
            return unknown
        for it, active in zip(self.rules, self.active, strict=True):
            if not active or not it.condition.may_be_unknown(with_nulls):
                continue
            for place in np.flatnonzero(np.broadcast_to(it.condition.unknown(seen), len(rows))).tolist():
                unknown[place].append(UnknownRule(it.rule.id, it.condition.nulls(seen, place)))
        return unknown

    def firing_counts(self) -> dict[str, tuple[int, int, int]]:
        """Return for each active rule the numbers of options for which it is true, false and unknown."""
        options = self.frame.rows
        counts = {}
        for it, active in zip(self.rules, self.active, strict=True):
            if active:
                yes, no = (int(np.broadcast_to(part, options).sum()) for part in it.condition.masks(self.frame))
                counts[it.rule.id] = (yes, no, options - yes - no)
        return counts
