"""Read a policy document: all faults are collected before it is refused."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, replace
from typing import Any

from dog.core.documents.fields import read_text
from dog.core.documents.section import MAX_FAULTS, Section
from dog.core.learning.reinforcement_settings import Reinforcement
from dog.core.policy.policy import Policy
from dog.core.policy.policy_settings import (
    CONSOLIDATED,
    DEFAULT_MODELS,
    OWN_MODEL,
    SLUG,
    START,
    VARIANTS,
    Attributes,
    Consolidation,
    ModelSettings,
    Shadow,
    Triggers,
)
from dog.core.rulebook.column_schema import ColumnSchema
from dog.core.rulebook.compile_rules import check_rules
from dog.core.rulebook.examples import Example
from dog.core.rulebook.rules import Rule
from dog.errors import InputFault, InvalidPolicy

MODEL_NAME = "[a-z0-9][a-z0-9_-]{0,63}"
MAX_NESTING = 32
MAX_RULES = 2000
MAX_MODELS = 50
MAX_EXAMPLES = 1000


def read_policy(document: Mapping[str, Any], schema: ColumnSchema | None = None) -> Policy:
    """Read a policy document strictly; every fault is gathered before it is refused.

    Parameters
    ----------
    document
        As parsed from TOML or JSON; whatever but `name` is missing takes its default.
    schema
        The tenant's columns; without it, any attribute may be named in conditions.

    Returns
    -------
    The policy.

    Raises
    ------
    InvalidPolicy
        With one fault for each thing wrong, at most 100.

    Examples
    --------
    >>> read_policy({"name": "plain"}).models["cf"].weight
    0.4
    >>> read_policy({"name": "plain", "modles": {}})
    Traceback (most recent call last):
    ...
    dog.errors.InvalidPolicy: the policy has one fault

    """
    _refuse_deep(document)
    whole = Section(document)
    models = _read_models(whole.section("models"))
    whole.names = tuple(models)
    consolidation, attributes = whole.section("consolidation"), whole.section("attributes")
    policy = Policy(
        name=read_text(whole, "name", MISSING),
        models=models,
        consolidation=Consolidation.read_values(consolidation)["method"],
        reinforcement=Reinforcement.read(replace(whole.section("reinforcement"), ranges_last=True)),
        triggers=Triggers.read(whole.section("triggers")),
        **Attributes.read_values(attributes),
        variants=_read_variants(whole.section("variants")),
        shadow=_read_shadow(whole.section("shadow")),
        rules=_read_rules(whole),
        examples=tuple(Example.read(section) for section in whole.sections("examples", MAX_EXAMPLES)),
    )
    if policy.name and not re.fullmatch(SLUG, policy.name):
        whole.fault("name", "bad_name", "must be 1 to 64 small letters, digits, - and _, a letter first")
    for section in (consolidation, attributes, whole):
        section.close()
    columns = (schema or ColumnSchema()).with_models(models)
    faults = check_rules(policy.rules, columns, hurried=bool(whole.faults))
    _refuse([*whole.faults, *faults][:MAX_FAULTS])
    return policy


def _refuse(faults: Sequence[InputFault]) -> None:
    if faults:
        count = "one fault" if len(faults) == 1 else f"{len(faults)} faults"
        raise InvalidPolicy(f"the policy has {count}", faults)


def _refuse_deep(document: Mapping[str, Any]) -> None:
    """Walk level by level: recursion would be what deep nesting is out to exhaust."""
    level: list[Any] = [document]
    for _ in range(MAX_NESTING):
        level = [
            inner
            for table in level
            for inner in (table.values() if isinstance(table, Mapping) else table)
            if isinstance(inner, Mapping | list)
        ]
    if level:
        _refuse([InputFault("", "too_deep", f"is nested more than {MAX_NESTING} deep")])


def _read_models(section: Section) -> dict[str, ModelSettings]:
    """Read `[models]`; without it the three reference models."""
    if not section.table:
        return dict(DEFAULT_MODELS)
    if len(section.table) > MAX_MODELS:
        section.fault(None, "too_many", f"has {len(section.table):,} models; {MAX_MODELS} are the most")
        return dict(DEFAULT_MODELS)
    models = {str(name): ModelSettings.read(section.section(str(name))) for name in section.table}
    if not any(settings.weight > 0 and not settings.is_fallback for settings in models.values()):
        section.fault(None, "out_of_range", "at least one model that is not a fallback needs a weight above 0")
    for name, settings in models.items():
        if settings.is_fallback and not settings.weight > 0:
            section.fault(
                name, "out_of_range", "a fallback needs a weight above 0: it may be the only model that counts"
            )
        if name == START and (settings.direction or settings.max_age_days):
            section.fault(name, "contradicts", "is computed with the request: it takes a weight and a role only")
        if name in {CONSOLIDATED, OWN_MODEL} or not re.fullmatch(MODEL_NAME, name):
            message = "a model's name is 1 to 64 of a-z, 0-9, _ and -, and not a reserved word"
            section.fault(name, "bad_name", message)
    return models


def _read_variants(section: Section) -> dict[str, float]:
    """Read `[variants]`: the share of contacts that each control takes."""
    read = {name: share.read(section, name, None) for name, share in VARIANTS.items()}
    shares = {name: share for name, share in read.items() if share is not None}
    if sum(shares.values()) >= 1.0:
        section.fault(None, "out_of_range", "the shares must sum to less than 1: the rest gets the policy itself")
    section.close()
    return shares


def _read_shadow(section: Section) -> Shadow | None:
    return Shadow.read(section) if section.table else None


def _read_rules(document: Section) -> tuple[Rule, ...]:
    rules: list[Rule] = []
    taken: set[str] = set()
    for section in document.sections("rules", MAX_RULES):
        rule = Rule.read(section)
        if rule.id in taken:
            section.fault("id", "duplicate", f"the id {rule.id} is taken by an earlier rule")
        taken.add(rule.id)
        rules.append(rule)
    return tuple(rules)
