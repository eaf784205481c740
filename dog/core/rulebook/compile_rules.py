"""Compile all conditions of a policy, or collect all their faults."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from dog.core.documents.section import MAX_FAULTS
from dog.core.rulebook.cap import Cap
from dog.core.rulebook.column_schema import ColumnSchema
from dog.core.rulebook.conditions import Condition, check_condition, compile_condition
from dog.core.rulebook.rules import Rule
from dog.errors import InputFault, InvalidPolicy

MAX_PARSED_CHARACTERS = 4_000
"""Length of the conditions parsed in a policy that has faults already: about 20 ms of parsing."""
MAX_ALL_CHARACTERS = 200_000
"""Length of all conditions of a policy that is saved: about a second of parsing."""


def compile_rules(rules: Sequence[Rule], schema: ColumnSchema) -> tuple[list[Condition], list[InputFault]]:
    """Return the compiled conditions, one per rule where there are no faults, and the faults."""
    conditions: list[Condition] = []
    faults = _check(rules, schema, lambda text: conditions.append(compile_condition(text, schema)), hurried=False)
    return conditions, faults


def check_rules(rules: Sequence[Rule], schema: ColumnSchema, *, hurried: bool) -> list[InputFault]:
    """Return the faults of conditions and of the columns that caps name.

    Where the policy has other faults already (`hurried`), only the first conditions are parsed.
    """
    return _check(rules, schema, lambda text: check_condition(text, schema), hurried=hurried)


def _check(
    rules: Sequence[Rule], schema: ColumnSchema, check: Callable[[str], None], *, hurried: bool
) -> list[InputFault]:
    faults: list[InputFault] = []
    parsed_characters = 0
    for place, rule in enumerate(rules):
        if len(faults) >= MAX_FAULTS or ((faults or hurried) and parsed_characters > MAX_PARSED_CHARACTERS):
            message = "this and the following rules were not checked; fix the faults before"
            faults.append(InputFault(f"/rules/{place}", "not_checked", message))
            break
        parsed_characters += len(rule.when)
        if parsed_characters > MAX_ALL_CHARACTERS and not schema.open:
            message = f"the conditions have over {MAX_ALL_CHARACTERS:,} characters together; split the policy"
            faults.append(InputFault(f"/rules/{place}/when", "too_long", message))
            break
        try:
            check(rule.when)
        except InvalidPolicy as error:
            faults += [replace(fault, pointer=f"/rules/{place}/when") for fault in error.faults]
        if isinstance(rule.effect, Cap):
            try:
                schema.kind(rule.effect.by)
            except LookupError as unknown:
                pointer = f"/rules/{place}/then/cap/by"
                faults.append(InputFault(pointer, "unknown_column", str(unknown.args[0])))
    return faults
