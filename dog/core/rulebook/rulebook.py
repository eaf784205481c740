"""A policy's rules, compiled: applied to all options of a request at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from dog.core.policy import STAGES, Policy, Rule
from dog.core.rulebook.cap import Cap
from dog.core.rulebook.columns import Frame
from dog.core.rulebook.compiler import Masks
from dog.core.rulebook.conditions import Condition, compile_condition
from dog.core.rulebook.limit import Limit
from dog.core.rulebook.schema import Schema
from dog.core.rulebook.tally import EventCounts, EventWindow, Situation, Tally
from dog.core.rulebook.verdicts import CompiledRule, Verdicts
from dog.errors import Fault, InvalidPolicy

PATIENCE_CHARACTERS = 10_000
"""Conditions parsed before a policy that is at fault anyway is handed back: some 50 ms of parsing."""


@dataclass(frozen=True, slots=True)
class ProductMasks:
    """Where the conditions that read products alone hold, worked out once a catalogue version.

    Parameters
    ----------
    by_rule
        Number of the rule to its masks, shape (products,) or (1,).

    """

    by_rule: Mapping[int, Masks]

    def take(self, rows: NDArray[np.integer]) -> "ProductMasks":
        """See the options of a request: `rows` are their products' places in the catalogue."""
        return ProductMasks(
            {
                rule: (yes, no) if len(yes) == 1 else (yes[rows], no[rows])
                for rule, (yes, no) in self.by_rule.items()
            }
        )


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Compiled rules in the order in which they are applied: by stage, then priority, then as written.

    Parameters
    ----------
    rules
        A rule's place here is its number in masks and verdicts.

    """

    rules: tuple[CompiledRule, ...]

    @classmethod
    def compile(cls, policy: Policy, schema: Schema) -> "Rulebook":
        """Compile a policy's rules against the columns that a tenant has.

        Parameters
        ----------
        policy
            As read.
        schema
            The tenant's columns; the policy's own models may be named besides the schema's.

        Returns
        -------
        The rulebook.

        Raises
        ------
        InvalidPolicy
            A condition or a cap names what there is not, or is wrongly typed; one fault for each.

        """
        schema = replace(schema, models={*schema.models, *policy.models})
        conditions, faults = compile_rules(policy.rules, schema)
        if faults:
            raise InvalidPolicy(f"policy {policy.name} does not fit the columns", faults)
        compiled = [CompiledRule(rule, when) for rule, when in zip(policy.rules, conditions, strict=True)]
        return cls(tuple(sorted(compiled, key=lambda it: (STAGES.index(it.rule.stage), -it.rule.priority))))

    @property
    def limits(self) -> tuple[EventWindow, ...]:
        """List the past events that `apply` needs counted, each window once."""
        windows = [it.rule.effect.window for it in self.rules if isinstance(it.rule.effect, Limit)]
        return tuple(dict.fromkeys(windows))

    def over_products(self, catalogue: Frame) -> ProductMasks:
        """Evaluate the conditions that read products alone over a whole catalogue."""
        return ProductMasks(
            {
                number: it.condition.masks(catalogue)
                for number, it in enumerate(self.rules)
                if it.condition.level == "product"
            }
        )

    def apply(
        self,
        frame: Frame,
        today: date,
        counts: EventCounts | None = None,
        products: ProductMasks | None = None,
    ) -> Verdicts:
        """Apply all rules in force to the options of one request.

        Parameters
        ----------
        frame
            The options' columns; what is missing is null.
        today
            Day on which the request is made, in the tenant's time zone.
        counts
            Past events in each window of `limits`.
        products
            Masks of `over_products`, taken for these options; without them all is evaluated here.

        Returns
        -------
        What the rules say of each option.

        Raises
        ------
        KeyError
            The counts of a window are missing.

        """
        ready = products.by_rule if products else {}
        tally, situation = Tally.blank(frame.rows), Situation(frame, counts or {})
        masks: list[Masks | None] = []
        for number, it in enumerate(self.rules):
            if not it.rule.in_force(today):
                masks.append(None)
                continue
            truth = ready.get(number) or it.condition.masks(frame)
            masks.append(truth)
            it.rule.effect.apply(number, truth[0], situation, tally)
        return Verdicts(self.rules, frame, tally, tuple(masks))


def compile_rules(rules: Sequence[Rule], schema: Schema) -> tuple[list[Condition], list[Fault]]:
    """Compile the conditions of rules, and check the columns that caps name.

    Parameters
    ----------
    rules
        In the order of the policy, which their pointers follow.
    schema
        Columns that there are.

    Returns
    -------
    The conditions, and all faults; only without faults are there as many conditions as rules.

    """
    conditions: list[Condition] = []
    faults: list[Fault] = []
    parsed_characters = 0
    for place, rule in enumerate(rules):
        if faults and parsed_characters > PATIENCE_CHARACTERS:
            message = "this and the following rules were not checked; mend the faults before"
            faults.append(Fault(f"/rules/{place}", "not_checked", message))
            break
        parsed_characters += len(rule.when)
        try:
            conditions.append(compile_condition(rule.when, schema))
        except InvalidPolicy as error:
            faults += [replace(fault, pointer=f"/rules/{place}/when") for fault in error.faults]
        if isinstance(rule.effect, Cap):
            try:
                schema.kind(rule.effect.by)
            except LookupError as unknown:
                pointer = f"/rules/{place}/then/cap/by"
                faults.append(Fault(pointer, "unknown_column", str(unknown.args[0])))
    return conditions, faults
