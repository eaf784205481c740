"""A policy's rules against columns: compiled to serve, and tested by the policy's own examples."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import numpy as np

from dog.core.kernels.score import CONSOLIDATED, PERFORMANCE
from dog.core.policy.policy import Policy
from dog.core.rulebook.apply_rules import RuleColumns, apply_rules, history_of
from dog.core.rulebook.column_schema import ColumnSchema
from dog.core.rulebook.columns import Column, Frame, TextColumn, encode
from dog.core.rulebook.compile_rules import compile_rules
from dog.core.rulebook.contact_facts import CONTEXT
from dog.core.rulebook.effect_context import EventCounts
from dog.core.rulebook.examples import Example, count_past, days_since
from dog.core.rulebook.rule_outcomes import RuleOutcomes
from dog.core.rulebook.rule_tables import RuleTables
from dog.core.rulebook.rulebook import Rulebook
from dog.errors import InputFault, InvalidPolicy


def compile_policy(policy: Policy, schema: ColumnSchema | None = None) -> Rulebook:
    """Compile a policy's rules for the columns of a tenant; without a schema, any attribute may be named.

    Raises
    ------
    InvalidPolicy
        A condition or a cap names an unknown column or is wrongly typed; one fault for each.

    """
    conditions, faults = compile_rules(policy.rules, (schema or ColumnSchema()).with_models(policy.models))
    if faults:
        raise InvalidPolicy(f"policy {policy.name} does not fit the columns", faults)
    return Rulebook.of(policy.rules, conditions)


def check_examples(policy: Policy, today: date, schema: ColumnSchema | None = None) -> list[InputFault]:
    """Run a policy's examples against its rules; `today` is the day of the examples that name none.

    Returns one fault for each expectation that the rules do not meet, with what they say instead. Limits and
    `days_since` see the example's own history.

    Raises
    ------
    InvalidPolicy
        There are examples, and the rules do not fit the schema.

    """
    if not policy.examples:
        return []
    rulebook = compile_policy(policy, schema)
    known = replace((schema or ColumnSchema()).with_models(policy.models), open=False)
    faults: list[InputFault] = []
    for place, example in enumerate(policy.examples):
        columns, unknown = _columns(example, known)
        if unknown:
            faults += [
                InputFault(f"/examples/{place}{pointer}", "unknown_column", message) for pointer, message in unknown
            ]
            continue  # without that column the outcome of the rules would mislead
        outcomes = _apply(rulebook, columns, example.on or today, count_past(rulebook.limits, example))
        faults += _compare(example, outcomes, f"/examples/{place}/expect")
    return faults


def _columns(example: Example, schema: ColumnSchema) -> tuple[dict[str, Column], list[tuple[str, str]]]:
    columns: dict[str, Column] = {}
    unknown: list[tuple[str, str]] = []
    for name, value in {**days_since(example), **example.columns}.items():
        try:
            columns[name] = encode([value], schema.kind(name))
        except LookupError as error:
            unknown.append((f"/{name.replace('.', '/')}", str(error.args[0])))
    return columns, unknown


def _apply(rulebook: Rulebook, columns: Mapping[str, Column], today: date, counts: EventCounts) -> RuleOutcomes:
    """Apply rules to one option, given all of its columns."""
    catalogue, one = Frame(1, columns), np.zeros((1, 1))
    tables = RuleTables.of(rulebook, catalogue, ())
    numbers = {name: column for name, column in columns.items() if not isinstance(column, TextColumn)}
    given = RuleColumns(
        today=today,
        attributes={name: column for name, column in columns.items() if name.startswith("contact.")},
        context={name[len(CONTEXT) :]: column for name, column in columns.items() if name.startswith(CONTEXT)},
        history=history_of(tables, numbers, 1),
        event_counts=np.array([counts[window] for window in rulebook.limits], np.int64).reshape(-1, 1),
    )
    factors = np.full((9, 1), np.nan)
    for row, name in ((CONSOLIDATED, "consolidated"), (PERFORMANCE, "multiplier")):
        factors[row] = numbers.get(name, np.nan)
    return apply_rules(
        tables,
        catalogue,
        given,
        starts=np.array([0, 1]),
        products=np.zeros(1, np.int64),
        k=1,
        allowed=np.ones(1, bool),
        ties=np.zeros(1, np.int64),
        models=(),
        raw=one[:0],
        factors=factors,
        drawn=one[0],
    )[1]


def _compare(example: Example, outcomes: RuleOutcomes, pointer: str) -> list[InputFault]:
    faults = []
    exclusion = outcomes.exclusion(0)
    if example.expect.eligible is True and exclusion is not None:
        message = f"{example.name}: should be eligible, but rule {exclusion.rule_id} excludes it"
        faults.append(InputFault(f"{pointer}/eligible", "example_failed", message))
    if example.expect.eligible is False and exclusion is None:
        excluding = {it.rule.id for it in outcomes.rules if it.rule.effect.kind in ("exclude", "limit")}
        open_rules = [rule.rule_id for rule in outcomes.unknown(np.array([0]))[0] if rule.rule_id in excluding]
        hint = f" ({', '.join(open_rules)} could not be decided)" if open_rules else ""
        message = f"{example.name}: should be excluded, but no rule excludes it{hint}"
        faults.append(InputFault(f"{pointer}/eligible", "example_failed", message))
    factor = float(outcomes.factor[0])
    if example.expect.factor is not None and not np.isclose(factor, example.expect.factor, rtol=1e-9, atol=0):
        message = f"{example.name}: the rules' factor is {factor:g}, not {example.expect.factor:g}"
        faults.append(InputFault(f"{pointer}/factor", "example_failed", message))
    return faults
