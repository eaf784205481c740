"""The difference of two policies in sentences: rules by name, settings by their plain names."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from dog.console.rule_words import condition_words, effect_words, rule_name
from dog.console.texts import N_, _, day, number
from dog.services.publishing.publish_policy import diff_policies

Document = Mapping[str, Any]
SETTINGS = {
    "/consolidation/method": N_("Pooling of models"),
    "/reinforcement/neutral": N_("Wins are compared with"),
    "/reinforcement/a_max": N_("Strongest boost"),
    "/reinforcement/d_min": N_("Strongest damp"),
    "/reinforcement/trust": N_("Trust in past records"),
    "/reinforcement/explore": N_("Exploration"),
    "/reinforcement/max_step": N_("Largest move in a week"),
    "/reinforcement/recursion/n": N_("Strength of a fade"),
    "/reinforcement/recursion/laps": N_("Lists between two fades"),
    "/reinforcement/maturation_days": N_("Days until an open pitch counts as lost"),
    "/attributes/channels": N_("Channels"),
    "/attributes/times": N_("Times"),
    "/shadow": N_("Shadow"),
}
"""Plain names of settings, by their place in the document."""
RULE_PARTS = {
    "stage": N_("stage"),
    "reason": N_("reason"),
    "from": N_("first day"),
    "to": N_("last day"),
    "priority": N_("priority"),
}
NUMBERS = {"multiply": N_("factor"), "pin": N_("place")}


def describe_changes(before: Document, after: Document) -> list[str]:
    """Return what changes from one document of a policy to another: rules first, then models, then other settings."""
    return [
        *_rule_changes(before.get("rules", []), after.get("rules", [])),
        *_setting_changes(before, after),
        *_example_changes(before, after),
    ]


def _rule_changes(before: Sequence[Document], after: Sequence[Document]) -> Iterator[str]:
    old, new = ({str(rule["id"]): rule for rule in rules} for rules in (before, after))
    for rule_id, rule in new.items():
        if rule_id not in old:
            words = {"rule": rule_name(rule), "effect": effect_words(rule), "where": condition_words(rule)}
            yield _("New rule %(rule)s: %(effect)s, %(where)s", **words)
        elif rule != old[rule_id]:
            yield from _changes_of_rule(old[rule_id], rule)
    for rule_id, rule in old.items():
        if rule_id not in new:
            yield _("Rule %(rule)s is removed", rule=rule_name(rule))
    kept = [rule_id for rule_id in old if rule_id in new]
    if kept != [rule_id for rule_id in new if rule_id in old]:
        yield _("The rules are in another order")


def _changes_of_rule(old: Document, new: Document) -> Iterator[str]:
    name = _("Rule %(rule)s", rule=rule_name(old))
    if condition_words(old) != condition_words(new):
        yield _moved(name, condition_words(old), condition_words(new))
    if old.get("then") != new.get("then"):
        kinds = [next(iter(rule["then"])) for rule in (old, new)]
        if kinds[0] == kinds[1] and kinds[0] in NUMBERS:
            values = [_value(rule["then"][kinds[0]]) for rule in (old, new)]
            yield _moved(f"{name}: {_(NUMBERS[kinds[0]])}", *values)
        else:
            yield _moved(name, effect_words(old), effect_words(new))
    for part, label in RULE_PARTS.items():
        if old.get(part) != new.get(part):
            yield _moved(f"{name}: {_(label)}", _value(old.get(part)), _value(new.get(part)))


def _setting_changes(before: Document, after: Document) -> Iterator[str]:
    apart = ("rules", "examples")
    old, new = ({key: value for key, value in one.items() if key not in apart} for one in (before, after))
    for change in diff_policies(old, new):
        pointer, was, becomes = change["pointer"], change["before"], change["after"]
        kind, _slash, rest = pointer.removeprefix("/").partition("/")
        if kind == "models" and "/" not in rest:
            known = becomes or was
            text = N_("New model %(model)s, weight %(weight)s") if was is None else N_("Model %(model)s is removed")
            yield _(text, model=rest, weight=_value(known.get("weight", 1.0)))
        else:
            yield _moved(_setting_name(pointer), _value(was), _value(becomes))


def _setting_name(pointer: str) -> str:
    if pointer in SETTINGS:
        return _(SETTINGS[pointer])
    section, *rest = pointer.removeprefix("/").split("/")
    if section == "models" and rest[1] == "weight":
        return _("Weight of model %(model)s", model=rest[0])
    if section == "models":
        return _("Model %(model)s: %(setting)s", model=rest[0], setting=rest[1])
    return f"{section}: {' '.join(rest)}" if rest else section


def _example_changes(before: Document, after: Document) -> Iterator[str]:
    old, new = ({str(one["name"]): one for one in document.get("examples", [])} for document in (before, after))
    for name in dict.fromkeys([*old, *new]):
        if name not in old:
            yield _("New example: %(name)s", name=name)
        elif name not in new:
            yield _("Example removed: %(name)s", name=name)
        elif old[name] != new[name]:
            yield _("Example changed: %(name)s", name=name)


def _moved(what: str, old: str, new: str) -> str:
    return f"{what}: {old} → {new}"


def _value(value: Any) -> str:
    if value is None or value == "":
        return _("none")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int | float):
        return number(value, "#,##0.####")
    if isinstance(value, date):
        return day(value)
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_value(one)}" for name, one in value.items())
    return ", ".join(map(_value, value)) if isinstance(value, list | tuple) else str(value)
