"""The form of a rule and its TOML say the same."""

from typing import Any

import pytest

from dog.console.policies.rule_form import TEMPLATES, Clause, read_clauses, read_rule, write_clauses
from dog.core.rulebook.column_schema import ColumnSchema
from dog.core.rulebook.effect_kinds import EFFECTS

SCHEMA = ColumnSchema({"size": "number", "code": "text"}, {"vip": "boolean"})


@pytest.mark.parametrize(
    "condition",
    [
        "true",
        "contact.segment = 'it''s'",
        "product.size >= 3 AND product.code = '7' AND contact.vip = TRUE",
        "product.active_to < DATE '2026-12-31'",
    ],
)
def test_conditions_of_comparisons_become_rows_and_back(condition: str) -> None:
    clauses = read_clauses(condition)

    assert clauses is not None
    assert write_clauses(clauses, SCHEMA) == condition


@pytest.mark.parametrize("condition", ["NOT a = 1", "a = 1 OR b = 2", "a = 1 AND", "lower(a) = 'b'"])
def test_other_conditions_stay_text(condition: str) -> None:
    assert read_clauses(condition) is None


def test_a_form_becomes_a_rule_and_keeps_what_it_has_no_field_for() -> None:
    form = {"rule_id": "a", "rule_effect": "multiply", "rule_factor": "1.5", "rule_reason": " Focus ", "rule_to": ""}
    rule = read_rule(form, [Clause("product.code", "=", "x"), Clause("", "=", "")], SCHEMA, {"id": "b", "priority": 3})

    assert rule == {
        "id": "a",
        "when": "product.code = 'x'",
        "then": {"multiply": 1.5},
        "priority": 3,
        "reason": "Focus",
    }


@pytest.mark.parametrize(
    ("form", "then"),
    [
        ({"rule_effect": "exclude"}, {"exclude": True}),
        ({"rule_effect": "pin", "rule_rank": "2"}, {"pin": 2}),
        ({"rule_effect": "multiply", "rule_factor": "much"}, {"multiply": "much"}),
        ({"rule_effect": "exclusive", "rule_products": "a, b"}, {"exclusive": ["a", "b"]}),
    ],
)
def test_each_effect_has_its_fields(form: dict[str, str], then: dict[str, Any]) -> None:
    assert read_rule({"rule_id": "r", **form}, [], SCHEMA, {})["then"] == then


def test_there_is_a_template_of_each_effect() -> None:
    assert set(TEMPLATES) == set(EFFECTS)
