"""Compile all conditions of a policy, or collect all their faults."""

from collections.abc import Sequence
from dataclasses import replace

from dog.core.documents.section import MAX_FAULTS
from dog.core.rulebook.cap import Cap
from dog.core.rulebook.column_schema import ColumnSchema
from dog.core.rulebook.conditions import Condition, compile_condition
from dog.core.rulebook.rules import Rule
from dog.errors import InputFault, InvalidPolicy

MAX_PARSED_CHARACTERS = 4_000
"""Length of the conditions parsed in a policy that has faults already: about 20 ms of parsing."""


def compile_rules(
    rules: Sequence[Rule], schema: ColumnSchema, *, hurried: bool = False
) -> tuple[list[Condition], list[InputFault]]:
    """Compile the conditions of rules, and check the columns that caps name.

    Returns the conditions, one per rule where there are no faults, and the faults. Where the policy has other faults
    already (`hurried`), only the first conditions are parsed.
    """
    conditions: list[Condition] = []
    faults: list[InputFault] = []
    parsed_characters = 0
    for place, rule in enumerate(rules):
        if len(faults) >= MAX_FAULTS or ((faults or hurried) and parsed_characters > MAX_PARSED_CHARACTERS):
            message = "this and the following rules were not checked; mend the faults before"
            faults.append(InputFault(f"/rules/{place}", "not_checked", message))
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
                faults.append(InputFault(pointer, "unknown_column", str(unknown.args[0])))
    return conditions, faults
