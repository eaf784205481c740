"""The outcomes of the rules for the options of one request or many contacts, as receipts and previews read them."""

from dataclasses import dataclass
from itertools import compress
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dog.core.bounded_cache import remember
from dog.core.kernels.rank_by_rules import FALSE, NO_RULE, TRUE, UNKNOWN
from dog.core.kernels.rules_of_options import fired_rules, unknown_rules
from dog.core.ranking import GroupCap, RankPin
from dog.core.rulebook.columns import Bools, Floats
from dog.core.rulebook.rule_tables import MOST_CACHED, RuleTables
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


class RuleOutcomes(NamedTuple):
    """The outcomes of all rules."""

    tables: RuleTables
    starts: NDArray[np.int64]  # where each contact's options begin, and the end of the last, shape (contacts + 1,)
    products: NDArray[np.int64]  # product number of each option, shape (options,)
    active: Bools  # whether each rule is active on the day
    states: NDArray[np.int8]  # FALSE, UNKNOWN or TRUE, shape (rules, options); FALSE for a rule that is not active
    excluded_by: NDArray[np.int32]  # number of the first rule that excludes each option, -1 where none does
    factor: Floats  # product of the factors of all rules that hold, shape (options,)
    contact_nulls: Bools  # of the columns of contact and context, shape (columns, contacts)
    raw: Floats  # columns of options that conditions read: the models' scores,
    factors: Floats  # `ScoredOptions.factors`,
    history: Floats  # and all others

    @property
    def rules(self) -> tuple[CompiledRule, ...]:
        """The rules of the rulebook, by number."""
        return self.tables.rulebook.rules

    @property
    def caps(self) -> list[GroupCap]:
        """Limits to the options of one group in a list."""
        found = []
        for (rule, at_most, _), groups in zip(self.tables.caps.tolist(), self.tables.groups, strict=True):
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
        held, known = fired_rules(rows, self.states, self.tables.acting), self.tables.fired.get
        return [found if (found := known(key)) is not None else self._learn_fired(key) for key in _keys(held)]

    def unknown(self, rows: NDArray[np.integer]) -> list[list[UnknownRule]]:
        """Return for each of some options the active rules that are neither true nor false for it."""
        tables, known = self.tables, self.tables.unknown.get
        found = unknown_rules(
            rows,
            self.starts,
            self.products,
            self.states,
            tables.read,
            tables.read_bounds,
            tables.calculates,
            tables.product_nulls,
            self.contact_nulls,
            self.raw,
            self.factors,
            self.history,
        )
        return [unknown if (unknown := known(key)) is not None else self._learn_unknown(key) for key in _keys(found)]

    def _learn_fired(self, held: bytes) -> tuple[int, ...]:
        return remember(self.tables.fired, held, tuple(compress(self.tables.acting.tolist(), held)), most=MOST_CACHED)

    def _learn_unknown(self, marks: bytes) -> list[UnknownRule]:
        """Return the rules that are marked, with those of their columns that are marked behind all rules."""
        unknown, first = [], len(self.rules)
        for rule, is_unknown in zip(self.rules, marks, strict=False):
            columns = rule.condition.columns
            if is_unknown:
                unknown.append(UnknownRule(rule.rule.id, tuple(compress(columns, marks[first:]))))
            first += len(columns)
        return remember(self.tables.unknown, marks, unknown, most=MOST_CACHED)

    def firing_counts(self) -> dict[str, tuple[int, int, int]]:
        """Return for each active rule the numbers of options for which it is true, false and unknown."""
        counts = {}
        for it, active, states in zip(self.rules, self.active.tolist(), self.states, strict=True):
            if active:
                yes, no, unknown = (int(np.count_nonzero(states == state)) for state in (TRUE, FALSE, UNKNOWN))
                counts[it.rule.id] = (yes, no, unknown)
        return counts


def _keys(table: np.ndarray) -> list[bytes]:
    """Return each row of a table of flags as bytes."""
    (rows, width), flags = table.shape, table.tobytes()
    return [flags[begin : begin + width] for begin in range(0, rows * width, width)] if width else [b""] * rows
