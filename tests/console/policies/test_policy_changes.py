"""A change of a policy reads as a sentence, with the names that people know."""

from typing import Any

from dog.console.policies.policy_changes import describe_changes
from dog.core.policy.policy_reader import read_policy

GOLD = {"id": "push-gold", "when": "contact.segment = 'gold'", "then": {"multiply": 1.2}, "reason": "Gold focus"}
FAX = {"id": "no-fax", "when": "product.category = 'fax'", "then": {"exclude": True}}


def document(*rules: dict[str, Any], **more: Any) -> dict[str, Any]:
    return read_policy({"name": "a", "rules": list(rules), **more}).to_document()


def test_a_factor_and_a_weight_are_named() -> None:
    before = document(GOLD, models={"churn": {"weight": 0.3}, "cf": {"weight": 1}})
    after = document(GOLD | {"then": {"multiply": 1.4}}, models={"churn": {"weight": 0.5}, "cf": {"weight": 1}})

    assert describe_changes(before, after) == [
        "Rule Gold focus: factor: 1.2 → 1.4",
        "Weight of model churn: 0.3 → 0.5",
    ]


def test_rules_that_come_go_or_move_are_told_in_words() -> None:
    assert describe_changes(document(), document(FAX)) == ["New rule no-fax: excludes, where product.category = 'fax'"]
    assert describe_changes(document(GOLD), document()) == ["Rule Gold focus is removed"]
    assert describe_changes(document(GOLD, FAX), document(FAX, GOLD)) == ["The rules are in another order"]


def test_condition_effect_and_days_of_a_rule_are_compared() -> None:
    changed = FAX | {"when": "true", "then": {"pin": 1}, "from": "2026-12-24"}

    assert describe_changes(document(FAX), document(changed)) == [
        "Rule no-fax: where product.category = 'fax' → always",
        "Rule no-fax: excludes → puts the best of them on place 1",
        "Rule no-fax: first day: none → 2026-12-24",
    ]


def test_settings_have_plain_names_and_others_their_place() -> None:
    after = document(reinforcement={"a_max": 2, "maturation_days": 60, "streak": {"accept": 1.5}})

    assert describe_changes(document(), after) == [
        "Strongest boost: 3 → 2",
        "Days until an open pitch counts as lost: 90 → 60",
        "reinforcement: streak accept: 1.25 → 1.5",
    ]


def test_models_and_examples_that_come_and_go_are_told() -> None:
    example = {"name": "no fax for gold", "expect": {"eligible": True}}
    before = document(models={"cf": {"weight": 1}})
    after = document(models={"cf": {"weight": 1}, "churn": {"weight": 0.5}}, examples=[example])

    assert describe_changes(before, after) == ["New model churn, weight 0.5", "New example: no fax for gold"]
    assert describe_changes(after, before) == ["Model churn is removed", "Example removed: no fax for gold"]
