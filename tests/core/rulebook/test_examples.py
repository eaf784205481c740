from datetime import date
from typing import Any

from dog.core.policy_reader import read_policy
from dog.core.rulebook.examples import check_examples
from dog.core.rulebook.schema import Schema

TODAY = date(2026, 11, 20)
RULES = [
    {
        "id": "phase-out-fax",
        "when": "product.category = 'fax' AND contact.segment <> 'archive'",
        "then": {"exclude": True},
        "from": "2026-10-01",
    },
    {"id": "push", "when": "score.cf >= 0.3", "then": {"multiply": 1.2}},
    {"id": "rest", "then": {"limit": {"event": "pitch", "by": "pair", "at_most": 1, "days": 7}}},
]
FAX = {"id": "p7", "category": "fax"}


def check(example: dict[str, Any], schema: Schema | None = None) -> list[tuple[str, str]]:
    policy = read_policy({"name": "a", "rules": RULES, "examples": [{"name": "it", **example}]})
    return [(fault.pointer, fault.message) for fault in check_examples(policy, TODAY, schema)]


def test_an_example_that_holds_is_silent() -> None:
    archive = {"contact": {"segment": "archive"}, "product": FAX, "score": {"cf": 0.5}}

    assert check({**archive, "expect": {"eligible": True, "factor": 1.2}}) == []
    assert check({"contact": {"segment": "gold"}, "product": FAX, "expect": {"eligible": False}}) == []


def test_an_example_that_fails_says_what_the_rules_do_instead() -> None:
    gold = {"contact": {"segment": "gold"}, "product": FAX, "score": {"cf": 0.5}}

    assert check({**gold, "expect": {"eligible": True, "factor": 2.0}}) == [
        ("/examples/0/expect/eligible", "it: should be eligible, but rule phase-out-fax excludes it"),
        ("/examples/0/expect/factor", "it: the rules' factor is 1.2, not 2"),
    ]


def test_a_rule_that_could_not_be_decided_is_named() -> None:
    (fault,) = check({"product": FAX, "score": {"cf": 0.1}, "expect": {"eligible": False}})

    assert fault[1] == "it: should be excluded, but no rule excludes it (phase-out-fax could not be decided)"


def test_an_example_may_name_its_own_day() -> None:
    early = {"contact": {"segment": "gold"}, "product": FAX, "on": "2026-09-30"}

    assert check({**early, "expect": {"eligible": True}}) == []


def test_an_example_may_only_name_columns_that_there_are() -> None:
    odd = {"product": {"catgory": "fax"}, "expect": {"eligible": True}}

    assert check(odd, Schema(product={}, contact={})) == [
        ("/examples/0", "unknown column product.catgory; did you mean product.category?")
    ]
