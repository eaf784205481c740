"""The outcomes of the rules for the options of one request or many contacts, as receipts and previews read them."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import compress
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dog.core.kernels.rank_by_rules import FALSE, NO_RULE, TRUE, UNKNOWN
from dog.core.ranking import GroupCap, RankPin
from dog.core.rulebook.columns import Bools, Floats
from dog.core.rulebook.rule_tables import RuleTables
from dog.core.rulebook.rulebook import CompiledRule
from dog.core.rulebook.rules import Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """The rule that excluded an option, its stage and reason."""

    rule_id: str
    stage: Stage
    effect: str
    reason: str


class UnknownRule(NamedTuple):
    """A rule that is unknown for an option, and the columns that are null."""

    rule_id: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleOutcomes:
    """The outcomes of all rules."""

    tables: RuleTables
    products: NDArray[np.int64]  # product number of each option, shape (options,)
    active: Bools  # whether each rule is active on the day
    states: NDArray[np.int8]  # FALSE, UNKNOWN or TRUE, shape (rules, options); FALSE for a rule that is not active
    excluded_by: NDArray[np.int32]  # number of the first rule that excludes each option, -1 where none does
    factor: Floats  # product of the factors of all rules that hold, shape (options,)
    nulls: Callable[[str, NDArray[np.integer]], list[bool]]  # which of some options have no value in a column

    @property
    def rules(self) -> tuple[CompiledRule, ...]:
        """The rules of the rulebook, by number."""
        return self.tables.rulebook.rules

    @property
    def caps(self) -> list[GroupCap]:
        """Limits to the options of one group in a list."""
        found = []
        for (rule, at_most), groups in zip(self.tables.caps.tolist(), self.tables.groups, strict=True):
            found.append(GroupCap(np.where(self.states[rule] == TRUE, groups[self.products], -1), at_most, rule))
        return found

    @property
    def pins(self) -> list[RankPin]:
        """Ranks that are kept for some options."""
        return [RankPin(rank, self.states[rule] == TRUE, rule) for rule, rank in self.tables.pins.tolist()]

    def exclusion(self, row: int) -> Exclusion | None:
        """Return the first rule that excluded an option; `None` where none did."""
        number = int(self.excluded_by[row])
        if number == NO_RULE:
            return None
        rule = self.rules[number].rule
        return Exclusion(rule_id=rule.id, stage=rule.stage, effect=rule.effect.kind, reason=rule.reason)

    def fired(self, rows: NDArray[np.integer]) -> list[tuple[int, ...]]:
        """Return for each of some options the numbers of the multiplying and pinning rules that hold."""
        acting = self.tables.acting
        holds = (self.states.take(rows, axis=1).take(acting, axis=0) == TRUE).T.tolist()
        return [tuple(compress(acting, held)) for held in holds]

    def unknown(self, rows: NDArray[np.integer]) -> list[list[UnknownRule]]:
        """Return for each of some options the active rules that are neither true nor false for it."""
        unknown: list[list[UnknownRule]] = [[] for _ in rows]
        numbers, places = (self.states.take(rows, axis=1) == UNKNOWN).nonzero()
        if not len(numbers):
            return unknown
        by_rule: dict[int, list[int]] = {}
        for number, place in zip(numbers.tolist(), places.tolist(), strict=True):
            by_rule.setdefault(number, []).append(place)
        conditions = {number: self.rules[number].condition for number in by_rule}
        names = {name for condition in conditions.values() for name in condition.columns}
        nulls = {name: self.nulls(name, rows) for name in names}
        for number, condition in conditions.items():
            of_rule = [nulls[name] for name in condition.columns]
            if condition.calculates or any(map(any, of_rule)):
                rule_id, of_places = self.rules[number].rule.id, list(zip(*of_rule, strict=True))
                for place in by_rule[number]:
                    columns = tuple(compress(condition.columns, of_places[place])) if of_places else ()
                    unknown[place].append(UnknownRule(rule_id, columns))
        return unknown

    def firing_counts(self) -> dict[str, tuple[int, int, int]]:
        """Return for each active rule the numbers of options for which it is true, false and unknown."""
        counts = {}
        for it, active, states in zip(self.rules, self.active.tolist(), self.states, strict=True):
            if active:
                yes, no, unknown = (int(np.count_nonzero(states == state)) for state in (TRUE, FALSE, UNKNOWN))
                counts[it.rule.id] = (yes, no, unknown)
        return counts
