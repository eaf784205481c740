"""The analyst's own tests of the rules, run before a policy acts."""

from datetime import date

import numpy as np

from dog.core.policy.policy import Policy
from dog.core.policy.policy_settings import Example
from dog.core.rulebook.columns import Column, Frame, encode
from dog.core.rulebook.example_history import count_past, days_since
from dog.core.rulebook.rule_outcomes import Verdicts
from dog.core.rulebook.rulebook import Rulebook
from dog.core.rulebook.schema import Schema
from dog.errors import InputFault


def check_examples(policy: Policy, today: date, schema: Schema | None = None) -> list[InputFault]:
    """Run a policy's examples against its rules.

    Parameters
    ----------
    policy
        As read.
    today
        Day on which examples are asked that name none.
    schema
        The tenant's columns; without it, any attribute may be named.

    Returns
    -------
    One fault for each expectation that the rules do not meet, with what they say instead. Limits and
    `days_since` see the example's own history.

    Raises
    ------
    InvalidPolicy
        The rules do not fit the schema.

    """
    known = schema or Schema()
    rulebook = Rulebook.compile(policy, known)
    known = Schema(known.product, known.contact, {*known.models, *policy.models})
    faults: list[InputFault] = []
    for place, example in enumerate(policy.examples):
        columns, unknown = _columns(example, known)
        if unknown:
            faults += [InputFault(f"/examples/{place}{pointer}", "unknown_column", told) for pointer, told in unknown]
            continue  # what the rules say of it without that column would only mislead
        counts = count_past(rulebook.limits, example)
        verdicts = rulebook.apply(Frame(1, columns), example.on or today, counts)
        faults += _compare(example, verdicts, f"/examples/{place}/expect")
    return faults


def _columns(example: Example, schema: Schema) -> tuple[dict[str, Column], list[tuple[str, str]]]:
    columns: dict[str, Column] = {}
    unknown: list[tuple[str, str]] = []
    for name, value in {**days_since(example), **example.columns}.items():
        try:
            columns[name] = encode([value], schema.kind(name))
        except LookupError as error:
            unknown.append((f"/{name.replace('.', '/')}", str(error.args[0])))
    return columns, unknown


def _compare(example: Example, verdicts: Verdicts, pointer: str) -> list[InputFault]:
    faults = []
    exclusion = verdicts.exclusion(0)
    if example.eligible is True and exclusion is not None:
        message = f"{example.name}: should be eligible, but rule {exclusion.rule_id} excludes it"
        faults.append(InputFault(f"{pointer}/eligible", "example_failed", message))
    if example.eligible is False and exclusion is None:
        excluding = {it.rule.id for it in verdicts.rules if it.rule.effect.kind in ("exclude", "limit")}
        open_rules = [rule.rule_id for rule in verdicts.unknown(np.array([0]))[0] if rule.rule_id in excluding]
        hint = f" ({', '.join(open_rules)} could not be decided)" if open_rules else ""
        message = f"{example.name}: should be excluded, but no rule excludes it{hint}"
        faults.append(InputFault(f"{pointer}/eligible", "example_failed", message))
    factor = float(verdicts.factor[0])
    if example.factor is not None and not np.isclose(factor, example.factor, rtol=1e-9, atol=0):
        message = f"{example.name}: the rules' factor is {factor:g}, not {example.factor:g}"
        faults.append(InputFault(f"{pointer}/factor", "example_failed", message))
    return faults
