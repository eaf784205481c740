from typing import Any

import pytest

from dog.core.policy.policy_reader import read_policy
from dog.core.rulebook.conflicts import find_conflicts

LOOSE: dict[str, Any] = {"then": {"cap": {"by": "product.category", "at_most": 3}}}
TIGHT: dict[str, Any] = {"then": {"cap": {"by": "product.category", "at_most": 2}}}
FAX = "product.category = 'fax'"


def found(*rules: dict[str, Any]) -> list[tuple[str, str]]:
    policy = read_policy({"name": "a", "rules": [{"id": f"r{n}", **rule} for n, rule in enumerate(rules)]})
    return [(warning.pointer, warning.code) for warning in find_conflicts(policy.rules)]


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([{"then": {"exclude": True}}], [("/rules/0", "excludes_all")]),
        (
            [{"when": FAX, "then": {"pin": 1}}, {"when": FAX.replace(" ", "  "), "then": {"exclude": True}}],
            [("/rules/0", "pinned_and_excluded")],
        ),
        ([LOOSE, TIGHT], [("/rules/0", "contradictory_caps")]),
        ([{"when": FAX, "then": {"pin": 1}}] * 2, [("/rules/1", "same_rank")]),
    ],
)
def test_rules_at_odds_are_told(rules: list[dict[str, Any]], expected: list[tuple[str, str]]) -> None:
    assert found(*rules) == expected


@pytest.mark.parametrize(
    "rules",
    [
        [{"when": FAX, "then": {"pin": 1}}, {"when": "product.value > 1", "then": {"exclude": True}}],
        [LOOSE | {"to": "2026-01-31"}, TIGHT | {"from": "2026-02-01"}],
        [LOOSE, {"then": {"cap": {"by": "product.name", "at_most": 2}}}],
        [{"when": FAX, "then": {"pin": 1}}, {"when": FAX, "then": {"pin": 2}}],
    ],
)
def test_rules_that_get_on_are_left_in_peace(rules: list[dict[str, Any]]) -> None:
    assert found(*rules) == []


def test_conditions_that_differ_in_a_quoted_text_are_not_the_same() -> None:
    upper = {"when": "product.category = 'FAX'", "then": {"exclude": True}}

    assert found({"when": FAX, "then": {"pin": 1}}, upper) == []
