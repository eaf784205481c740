"""Compiled rules in their order."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from dog.core.rulebook.conditions import Condition
from dog.core.rulebook.effect_context import EventWindow
from dog.core.rulebook.limit import Limit
from dog.core.rulebook.rules import STAGES, Rule


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule and its condition."""

    rule: Rule
    condition: Condition


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Compiled rules in the order in which they are applied: by stage, then priority, then as written."""

    rules: tuple[CompiledRule, ...]  # the place of a rule is its number in tables and outcomes
    # the windows of past events that rules limit, each once
    limits: tuple[EventWindow, ...] = field(init=False)
    reads: frozenset[str] = field(init=False)  # full names of the columns that any condition reads
    days: NDArray[np.int64] = field(init=False)  # first and last day of each rule, as ordinals, shape (2, rules)

    def __post_init__(self) -> None:
        windows = [it.rule.effect.window for it in self.rules if isinstance(it.rule.effect, Limit)]
        object.__setattr__(self, "limits", tuple(dict.fromkeys(windows)))
        object.__setattr__(self, "reads", frozenset[str]().union(*(it.condition.reads for it in self.rules)))
        days = [
            [(it.rule.start or date.min).toordinal() for it in self.rules],
            [(it.rule.end or date.max).toordinal() for it in self.rules],
        ]
        object.__setattr__(self, "days", np.array(days, np.int64))

    @classmethod
    def of(cls, rules: Sequence[Rule], conditions: Sequence[Condition]) -> "Rulebook":
        """Sort rules and their compiled conditions into the order in which they are applied."""
        compiled = [CompiledRule(rule, condition) for rule, condition in zip(rules, conditions, strict=True)]
        return cls(tuple(sorted(compiled, key=lambda it: (STAGES.index(it.rule.stage), -it.rule.priority))))
