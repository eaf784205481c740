import json
import math
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from dog.core.learning.reinforcement_settings import Recursion, Reinforcement
from dog.core.policy.policy import Policy, policy_version
from dog.core.policy.policy_reader import read_policy
from dog.core.policy.policy_settings import BusinessTrigger, Triggers, TriggerSettings
from dog.core.rulebook.cap import Cap
from dog.core.rulebook.column_schema import ColumnSchema
from dog.core.rulebook.effect_kinds import EFFECTS
from dog.core.rulebook.examples import Example, Expectation, PastEvent
from dog.core.rulebook.exclude import Exclude
from dog.core.rulebook.exclusive import Exclusive
from dog.core.rulebook.limit import Limit
from dog.core.rulebook.multiply import Multiply
from dog.core.rulebook.pin import Pin
from dog.core.rulebook.rules import Rule
from dog.errors import InvalidPolicy

ROOT = Path(__file__).parents[3]

FULL = Policy(
    name="full",
    consolidation="log_pool",
    reinforcement=Reinforcement(family="linear", neutral=0.5, recursion=Recursion("gain", 1.0, 10)),
    triggers=Triggers(market=TriggerSettings("cf"), business=BusinessTrigger(until=date(2026, 12, 31))),
    channels=("email", "call"),
    times=("morning",),
    rules=(
        Rule(
            id="a",
            effect=Exclude(),
            when="product.category = 'fax'",
            stage="eligibility",
            reason="Gone",
            start=date(2026, 1, 1),
            priority=3,
        ),
        Rule(id="b", effect=Multiply(1.2)),
        Rule(id="c", effect=Cap("product.category", 2)),
        Rule(id="d", effect=Limit(event="pitch", by="pair", at_most=3, days=7), end=date(2027, 1, 1)),
        Rule(id="e", effect=Exclusive(("p1", "p2"))),
        Rule(id="f", effect=Pin(1)),
    ),
    examples=(
        Example(
            name="one",
            columns={"product.id": "p1", "product.value": 2.0, "win_rate": 0.5},
            expect=Expectation(eligible=True),
        ),
        Example(
            name="two",
            columns={"contact.channels": ["email"]},
            expect=Expectation(factor=1.2),
            on=date(2026, 2, 1),
        ),
        Example(
            name="three",
            expect=Expectation(eligible=False),
            history=(
                PastEvent(type="pitch", days_ago=2.0),
                PastEvent(type="win", days_ago=0.5, product="p2", category="ink"),
            ),
        ),
    ),
)


BAD_EFFECTS: list[tuple[dict[str, Any], str]] = [
    ({}, "/then"),
    ({"exclude": True, "pin": 1}, "/then"),
    ({"exclude": False}, "/then/exclude"),
    ({"exclude": 1}, "/then/exclude"),
    ({"multiply": 0}, "/then/multiply"),
    ({"multiply": 101}, "/then/multiply"),
    ({"cap": {"by": "product.category"}}, "/then/cap/at_most"),
    ({"cap": {"by": "contact.segment", "at_most": 1}}, "/then/cap/by"),
    ({"cap": {"by": "product.category", "at_most": 1, "atmost": 2}}, "/then/cap/atmost"),
    ({"limit": {"event": "pich", "by": "pair", "at_most": 1, "days": 7}}, "/then/limit/event"),
    ({"limit": {"event": "pitch", "by": "pairs", "at_most": 1, "days": 7}}, "/then/limit/by"),
    ({"limit": {"event": "pitch", "by": "pair", "at_most": 1, "days": 0}}, "/then/limit/days"),
    ({"exclusive": ["p1"]}, "/then/exclusive"),
    ({"exclusive": ["p1", "p1"]}, "/then/exclusive"),
    ({"pin": 0}, "/then/pin"),
    ({"pin": 1.5}, "/then/pin"),
]

BAD_DOCUMENTS: list[tuple[dict[str, Any], str]] = [
    ({"models": {"cf": {"weight": 0}}}, "/models"),
    ({"models": {"my model": {}}}, "/models/my model"),
    ({"consolidation": {"method": "median"}}, "/consolidation/method"),
    ({"reinforcement": {"neutral": "globe"}}, "/reinforcement/neutral"),
    ({"reinforcement": {"neutral": 1.0}}, "/reinforcement/neutral"),
    ({"reinforcement": {"streak": {"discard": 0}}}, "/reinforcement/streak/discard"),
    ({"triggers": {"market": {"until": "2026-01-01"}}}, "/triggers/market/until"),
    ({"triggers": {"market": {"apply_to": "model"}}}, "/triggers/market/apply_to"),
    ({"triggers": {"business": {"until": "soon"}}}, "/triggers/business/until"),
    ({"attributes": {"channels": ["email", "email"]}}, "/attributes/channels"),
    ({"rules": {}}, "/rules"),
    ({"rules": [{"then": {"pin": 1}}]}, "/rules/0/id"),
    ({"rules": [{"id": "x", "then": {"pin": 1}, "stage": "later"}]}, "/rules/0/stage"),
    (
        {"rules": [{"id": "x", "then": {"pin": 1}, "from": "2026-02-01", "to": "2026-01-01"}]},
        "/rules/0/to",
    ),
    ({"rules": [{"id": "x", "then": {"pin": 1}}, {"id": "x", "then": {"pin": 2}}]}, "/rules/1/id"),
    ({"examples": [{"name": "x"}]}, "/examples/0/expect"),
    ({"examples": [{"name": "x", "history": [{"type": "pich", "days_ago": 1}]}]}, "/examples/0/history/0/type"),
    ({"examples": [{"name": "x", "history": [{"type": "pitch"}]}]}, "/examples/0/history/0/days_ago"),
    ({"examples": [{"name": "x", "expect": {"eligible": 1}}]}, "/examples/0/expect/eligible"),
]


def faults_of(document: dict[str, Any], schema: ColumnSchema | None = None) -> dict[str, str]:
    with pytest.raises(InvalidPolicy) as caught:
        read_policy({"name": "a", **document}, schema)
    return {fault.pointer: fault.message for fault in caught.value.faults}


def test_a_name_alone_is_a_policy_of_defaults() -> None:
    assert read_policy({"name": "plain"}) == Policy(name="plain")


def test_what_was_read_is_given_back() -> None:
    document = json.loads(json.dumps(FULL.to_document()))

    assert read_policy(document) == FULL
    assert {rule.effect.kind for rule in FULL.rules} == set(EFFECTS)


def test_a_version_follows_the_content() -> None:
    again = read_policy(FULL.to_document())

    assert policy_version(again) == policy_version(FULL)
    assert policy_version(replace(FULL, times=())) != policy_version(FULL)
    assert len(policy_version(FULL)) == 16


def test_all_faults_are_told_at_once() -> None:
    faults = faults_of(
        {
            "name": "Not A Slug",
            "modles": {},
            "models": {"cf": {"weight": True}},
            "reinforcement": {"a_max": 0.5, "recursion": {"n": 4}},
            "triggers": {"market": {"apply_to": "fc"}},
            "rules": [{"id": "x", "when": "product.value > 'a'", "then": {"exclud": True}}],
        }
    )

    assert faults == {
        "/name": "must be 1 to 64 small letters, digits, - and _, a letter first",
        "/modles": "unknown key; did you mean models?",
        "/models/cf/weight": "must be a number",
        "/reinforcement/a_max": "a_max must be at least 1",
        "/reinforcement/recursion/n": "n must be in [0, 3]",
        "/triggers/market/apply_to": "must be one of consolidated, cf",
        "/rules/0/when": "'a' is a text, but a number is needed here",
        "/rules/0/then/exclud": "unknown effect; did you mean exclude?",
    }


@pytest.mark.parametrize("number", [math.nan, math.inf, -1, True, "1", [1], 10**400])
def test_only_a_finite_number_is_a_weight(number: object) -> None:
    assert list(faults_of({"models": {"cf": {"weight": number}, "lead": {}}})) == ["/models/cf/weight"]


@pytest.mark.parametrize(("then", "pointer"), BAD_EFFECTS)
def test_a_bad_effect_is_told_at_its_key(then: dict[str, Any], pointer: str) -> None:
    assert list(faults_of({"rules": [{"id": "x", "then": then}]})) == [f"/rules/0{pointer}"]


@pytest.mark.parametrize(("document", "pointer"), BAD_DOCUMENTS)
def test_each_setting_is_checked(document: dict[str, Any], pointer: str) -> None:
    assert pointer in faults_of(document)


def test_conditions_are_held_to_the_columns_that_are_known() -> None:
    rules = [{"id": "x", "when": "product.colour = 'red'", "then": {"exclude": True}}]

    assert len(read_policy({"name": "a", "rules": rules}).rules) == 1
    assert faults_of({"rules": rules}, ColumnSchema(product={"color": "text"})) == {
        "/rules/0/when": "unknown column product.colour; did you mean product.color?"
    }


def test_ten_thousand_rules_and_endless_nesting_are_refused() -> None:
    nested: dict[str, Any] = {}
    for _ in range(5000):
        nested = {"a": nested}

    assert list(faults_of({"rules": [{"id": "x"}] * 10_000})) == ["/rules"]
    assert list(faults_of({"models": nested})) == [""]


def test_at_most_a_hundred_faults_are_told() -> None:
    assert len(faults_of({f"key{number}": 1 for number in range(5000)})) == 100


def test_every_effect_has_its_section_and_example_in_the_reference() -> None:
    page = (ROOT / "docs" / "reference" / "policies.md").read_text()

    assert [kind for kind in EFFECTS if f"\n## {kind}\n" not in page] == []
    assert [kind for kind in EFFECTS if f"then = {{{kind} = " not in page] == []
