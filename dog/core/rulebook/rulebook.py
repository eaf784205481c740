"""Compiled rules, applied to all options of a request at once."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from dog.core.rulebook.columns import Bools, Frame
from dog.core.rulebook.compiler import Mask
from dog.core.rulebook.conditions import Condition
from dog.core.rulebook.effect_context import EffectInput, EffectOutput, EventCounts, EventWindow
from dog.core.rulebook.limit import Limit
from dog.core.rulebook.rule_outcomes import CompiledRule, RuleOutcomes
from dog.core.rulebook.rules import STAGES, Rule


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Compiled rules in the order in which they are applied: by stage, then priority, then as written."""

    rules: tuple[CompiledRule, ...]  # the place of a rule is its number in masks and outcomes
    # the windows of past events that `apply` needs counts of, each once
    limits: tuple[EventWindow, ...] = field(init=False)
    reads: frozenset[str] = field(init=False)  # full names of the columns that any condition reads
    calculates: bool = field(init=False)  # whether any condition may make nulls of values that are none
    days: NDArray[np.int64] = field(init=False)  # first and last day of each rule, as ordinals, shape (2, rules)
    # the parts of conditions that read more than products, by the number of the rule
    rests: tuple[tuple[int, Mask], ...] = field(init=False)

    def __post_init__(self) -> None:
        windows = [it.rule.effect.window for it in self.rules if isinstance(it.rule.effect, Limit)]
        object.__setattr__(self, "limits", tuple(dict.fromkeys(windows)))
        object.__setattr__(self, "reads", frozenset[str]().union(*(it.condition.reads for it in self.rules)))
        object.__setattr__(self, "calculates", any(it.condition.calculates for it in self.rules))
        days = [
            [(it.rule.start or date.min).toordinal() for it in self.rules],
            [(it.rule.end or date.max).toordinal() for it in self.rules],
        ]
        object.__setattr__(self, "days", np.array(days, np.int64))
        rests = [(number, it.condition.rest) for number, it in enumerate(self.rules) if it.condition.rest is not None]
        object.__setattr__(self, "rests", tuple(rests))

    @classmethod
    def of(cls, rules: Sequence[Rule], conditions: Sequence[Condition]) -> "Rulebook":
        """Sort rules and their compiled conditions into the order in which they are applied."""
        compiled = [CompiledRule(rule, condition) for rule, condition in zip(rules, conditions, strict=True)]
        return cls(tuple(sorted(compiled, key=lambda it: (STAGES.index(it.rule.stage), -it.rule.priority))))

    def over_products(self, catalogue: Frame) -> Bools:
        """Return where the parts of conditions that read products alone are true, shape (rules, products)."""
        masks = np.ones((len(self.rules), catalogue.rows), bool)
        with np.errstate(all="ignore"):
            for mask, it in zip(masks, self.rules, strict=True):
                if it.condition.of_product is not None:
                    mask[:] = it.condition.of_product(catalogue)
        return masks

    def apply(
        self,
        frame: Frame,
        today: date,
        counts: EventCounts | None = None,
        products: Bools | None = None,
    ) -> RuleOutcomes:
        """Apply all rules that are active on a day to the options of one request.

        Parameters
        ----------
        frame
            The columns of the options; a missing one is null.
        today
            The day of the request, in the time zone of the tenant.
        counts
            Past events in each window of `limits`; `KeyError` where one is missing.
        products
            The columns of `over_products` for the options, shape (rules, options); computed here where missing.

        """
        day, (first, last) = today.toordinal(), self.days
        active = (first <= day) & (day <= last)
        fires = self.over_products(frame) if products is None else products.copy()
        with np.errstate(all="ignore"):
            for number, rest in self.rests:
                row = fires[number]
                row &= rest(frame)
        fires[~active] = False
        output, given = EffectOutput.blank(frame.rows), EffectInput(frame, counts or {})
        for number in active.nonzero()[0].tolist():
            self.rules[number].rule.effect.apply(number, fires[number], given, output)
        return RuleOutcomes(
            rules=self.rules,
            reads=self.reads,
            calculates=self.calculates,
            frame=frame,
            output=output,
            fires=fires,
            active=tuple(active.tolist()),
            factor=output.factor(fires),
        )
