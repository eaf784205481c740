from datetime import date
from typing import Any

from dog.core.policy.policy_reader import read_policy
from dog.core.policy.policy_rules import check_examples
from dog.core.rulebook.column_schema import ColumnSchema
from dog.core.rulebook.effect_context import EventWindow
from dog.core.rulebook.examples import Example, Expectation, PastEvent, count_past

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


def check(example: dict[str, Any], schema: ColumnSchema | None = None) -> list[tuple[str, str]]:
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

    assert check(odd, ColumnSchema(product={}, contact={})) == [
        ("/examples/0/product/catgory", "unknown column product.catgory; did you mean product.category?")
    ]


REST = "it: should be excluded, but no rule excludes it"


def excluded_by_rest(history: list[dict[str, Any]]) -> bool:
    told = check({"product": {"id": "p1"}, "history": history, "expect": {"eligible": False}})
    return not any(REST in message for _, message in told)


def test_a_limit_counts_the_examples_own_history_within_its_days() -> None:
    assert excluded_by_rest([{"type": "pitch", "days_ago": 2}])
    assert excluded_by_rest([{"type": "pitch", "days_ago": 6.9, "product": "p1"}])
    assert not excluded_by_rest([{"type": "pitch", "days_ago": 7}])
    assert not excluded_by_rest([{"type": "pitch", "days_ago": 2, "product": "p2"}])
    assert not excluded_by_rest([{"type": "win", "days_ago": 2}])


def test_windows_by_contact_and_category_count_other_products_as_serving_does() -> None:
    history = (
        PastEvent(type="pitch", days_ago=1.0),
        PastEvent(type="pitch", days_ago=2.0, product="p2", category="ink"),
        PastEvent(type="pitch", days_ago=3.0, product="p3", category="laser"),
        PastEvent(type="pitch", days_ago=30.0),
    )
    example = Example(
        name="it",
        columns={"product.id": "p1", "product.category": "laser"},
        expect=Expectation(eligible=True),
        history=history,
    )
    windows = [EventWindow("pitch", by, 7) for by in ("contact", "pair", "category", "product")]

    counts = count_past(windows, example)

    assert [counts[window].tolist() for window in windows] == [[3], [1], [2], [0]]


def test_days_since_follows_the_last_event_of_the_pair_unless_it_is_given() -> None:
    rules = [{"id": "fresh", "when": "days_since.pitch < 3", "then": {"multiply": 2.0}}]
    history = [{"type": "pitch", "days_ago": 9}, {"type": "pitch", "days_ago": 2}]
    base = {"name": "it", "product": {"id": "p1"}, "history": history}
    examples = [
        {**base, "expect": {"factor": 2.0}},
        {**base, "days_since": {"pitch": 5}, "expect": {"factor": 1.0}},
        {**base, "product": {"id": "p9"}, "history": [{**history[1], "product": "p1"}], "expect": {"factor": 1.0}},
    ]

    policy = read_policy({"name": "a", "rules": rules, "examples": examples})

    assert check_examples(policy, TODAY) == []
