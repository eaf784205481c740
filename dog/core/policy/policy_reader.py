"""From a policy document to a policy; whatever is at fault is noted, and the reading goes on."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from dog.core.consolidation import METHODS
from dog.core.documents.section import MAX_FAULTS, MAX_LIST, Section
from dog.core.policy.policy import Policy
from dog.core.policy.policy_settings import (
    CONSOLIDATED,
    DEFAULT_MODELS,
    DIRECTIONS,
    OWN_MODEL,
    ModelSettings,
    Shadow,
    Triggers,
    TriggerSettings,
)
from dog.core.policy.reinforcement_reader import read_reinforcement
from dog.core.rulebook.column_schema import EVENTS, OPTION_COLUMNS, ROOTS, ColumnSchema
from dog.core.rulebook.columns import MAX_NUMBER
from dog.core.rulebook.compile_rules import compile_rules
from dog.core.rulebook.effect_kinds import read_effect
from dog.core.rulebook.examples import Example, PastEvent
from dog.core.rulebook.rules import STAGES, Rule
from dog.core.traffic_split import CONTROLS
from dog.errors import InputFault, InvalidPolicy

NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}")
CHALLENGER = re.compile(NAME.pattern + r"(@[0-9a-f]{16})?")
MODEL_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
MAX_NESTING = 32
MAX_RULES = 2000
MAX_MODELS = 50
MAX_EXAMPLES = 1000
MAX_HISTORY = 100


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
    consolidation, attributes = whole.section("consolidation"), whole.section("attributes")
    policy = Policy(
        name=whole.text("name"),
        models=models,
        consolidation=consolidation.choice("method", "mean", METHODS),
        reinforcement=read_reinforcement(whole.section("reinforcement")),
        triggers=_read_triggers(whole.section("triggers"), models),
        channels=attributes.texts("channels"),
        times=attributes.texts("times"),
        variants=_read_variants(whole.section("variants")),
        shadow=_read_shadow(whole.section("shadow")),
        rules=_read_rules(whole),
        examples=_read_examples(whole),
    )
    if policy.name and not NAME.fullmatch(policy.name):
        whole.fault("name", "bad_name", "must be 1 to 64 small letters, digits, - and _, a letter first")
    for section in (consolidation, attributes, whole):
        section.close()
    columns = schema or ColumnSchema()
    columns = replace(columns, models={*columns.models, *models})
    _, faults = compile_rules(policy.rules, columns, hurried=bool(whole.faults))
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


def _read_models(models: Section) -> dict[str, ModelSettings]:
    """Read `[models]`; without it the three reference models."""
    if not models.table:
        return dict(DEFAULT_MODELS)
    if len(models.table) > MAX_MODELS:
        models.fault(None, "too_many", f"has {len(models.table):,} models; {MAX_MODELS} are the most")
        return dict(DEFAULT_MODELS)
    read = {str(name): _model(models.section(str(name))) for name in models.table}
    if not any(settings.weight > 0 for settings in read.values()):
        models.fault(None, "out_of_range", "at least one model needs a weight above 0")
    for name in read:
        if name in {CONSOLIDATED, OWN_MODEL} or not MODEL_NAME.fullmatch(name):
            message = "a model's name is 1 to 64 of a-z, 0-9, _ and -, and not a reserved word"
            models.fault(name, "bad_name", message)
    return read


def _model(section: Section) -> ModelSettings:
    weight = section.number("weight", 1.0, at_least=0.0)
    direction = section.choice("direction", "higher_is_better", DIRECTIONS)
    max_age = section.number("max_age_days", math.inf, above=0.0)
    section.close()
    return ModelSettings(weight, direction, None if max_age == math.inf else max_age)


def _read_variants(section: Section) -> dict[str, float]:
    """Read `[variants]`: the share of contacts that each control takes."""
    given = [name for name in CONTROLS if section.given(name) is not None]
    shares = {name: section.number(name, 0.0, above=0.0, at_most=1.0) for name in given}
    if sum(shares.values()) >= 1.0:
        section.fault(None, "out_of_range", "the shares must sum to less than 1: the rest gets the policy itself")
    section.close()
    return shares


def _read_shadow(section: Section) -> Shadow | None:
    """Read `[shadow]`: the challenger, and the share of decisions beside which its lists are made."""
    if not section.table:
        return None
    challenger = section.text("challenger")
    if challenger and not CHALLENGER.fullmatch(challenger):
        section.fault("challenger", "bad_name", "must be the name of a policy, or NAME@VERSION for a stored version")
    shadow = Shadow(challenger, section.number("share", 0.1, above=0.0, at_most=1.0))
    section.close()
    return shadow


def _read_triggers(section: Section, models: dict[str, ModelSettings]) -> Triggers:
    """Read `[triggers]`: each applies to the consolidated score or to one of the policy's models."""
    targets = (CONSOLIDATED, *models)
    triggers = Triggers(
        performance=_trigger(section.section("performance"), targets),
        market=_trigger(section.section("market"), targets),
        business=_trigger(section.section("business"), targets, ends=True),
        rationale=_trigger(section.section("rationale"), (OWN_MODEL, *targets)),
    )
    section.close()
    return triggers


def _trigger(section: Section, targets: tuple[str, ...], *, ends: bool = False) -> TriggerSettings:
    apply_to = section.text("apply_to", targets[0], choices=targets)
    until = section.day("until") if ends else None
    section.close()
    return TriggerSettings(apply_to, until)


def _read_rules(document: Section) -> tuple[Rule, ...]:
    """Read `[[rules]]`; their conditions are not parsed here."""
    rules, taken = [], set()
    for section in document.sections("rules", MAX_RULES):
        rule = _rule(section)
        if rule.id in taken:
            section.fault("id", "duplicate", f"the id {rule.id} is taken by an earlier rule")
        taken.add(rule.id)
        rules.append(rule)
    return tuple(rules)


def _rule(section: Section) -> Rule:
    rule = Rule(
        id=section.text("id"),
        effect=read_effect(section),
        when=section.text("when", "true"),
        stage=section.choice("stage", "suitability", STAGES),
        reason=section.text("reason", ""),
        start=section.day("from"),
        end=section.day("to"),
        priority=section.whole("priority", at_least=-1000, at_most=1000, default=0),
    )
    if rule.start and rule.end and rule.end < rule.start:
        section.fault("to", "out_of_range", "lies before `from`: the rule would never act")
    section.close()
    return rule


def _read_examples(document: Section) -> tuple[Example, ...]:
    """Read `[[examples]]`."""
    return tuple(_example(section) for section in document.sections("examples", MAX_EXAMPLES))


def _example(section: Section) -> Example:
    name, on, expect = section.text("name"), section.day("on"), section.section("expect")
    columns: dict[str, Any] = {}
    for root in ROOTS:
        table = section.section(root)
        if len(table.table) > MAX_LIST:
            section.fault(root, "too_many", f"has {len(table.table):,} keys; {MAX_LIST:,} are the most")
            continue
        columns |= {f"{root}.{leaf}": _plain(table, str(leaf)) for leaf in table.table}
    columns |= {key: section.number(key, 0.0) for key in OPTION_COLUMNS if section.given(key) is not None}
    factor = expect.number("factor", math.inf, above=0.0)
    history = tuple(_past_event(event) for event in section.sections("history", MAX_HISTORY))
    example = Example(name, columns, expect.flag("eligible"), None if factor == math.inf else factor, on, history)
    if example.eligible is None and example.factor is None:
        section.fault("expect", "missing", "must say `eligible` or `factor`")
    expect.close()
    section.close()
    return example


def _past_event(section: Section) -> PastEvent:
    kind = section.text("type", choices=EVENTS)
    if section.given("days_ago") is None:
        section.fault("days_ago", "missing", "is missing: how many days before the example")
    days_ago = section.number("days_ago", 0.0, at_least=0.0)
    event = PastEvent(kind, days_ago, section.text("product", "") or None, section.text("category", "") or None)
    section.close()
    return event


def _plain(table: Section, key: str) -> Any:
    """Take a value as an attribute would hold it; dates as text, as they are after JSON."""
    value = table.given(key)
    if isinstance(value, date | datetime):
        return value.isoformat()
    texts = isinstance(value, list) and all(isinstance(item, str) for item in value)
    if isinstance(value, str) or texts:
        return value
    if isinstance(value, int | float) and abs(value) <= MAX_NUMBER:
        return value
    table.fault(key, "wrong_type", "must be text, a finite number, true, false, a date or a list of texts")
    return None
