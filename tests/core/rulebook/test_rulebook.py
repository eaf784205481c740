from datetime import date
from typing import Any

import numpy as np
import pytest

from dog.core.policy.policy_reader import read_policy
from dog.core.policy.policy_rules import compile_policy
from dog.core.rulebook.column_schema import ColumnSchema
from dog.core.rulebook.columns import Frame, encode
from dog.core.rulebook.effect_context import EventCounts, EventWindow
from dog.core.rulebook.rule_outcomes import Exclusion, UnknownRule
from dog.core.rulebook.rulebook import Rulebook
from dog.errors import InvalidPolicy
from tests.core.rulebook.applied_rules import TODAY, Applied, applied

PRODUCTS: list[dict[str, Any]] = [
    {"id": "p0", "category": "fax", "value": 10.0},
    {"id": "p1", "category": "fax", "value": 20.0},
    {"id": "p2", "category": "phone", "value": 30.0},
    {"id": "p3"},
]
FRAME = Frame.of(PRODUCTS, "product").with_columns({"contact.segment": encode(["gold"])})
SCORES = np.array([0.4, 0.3, 0.2, 0.1])


def rule(then: dict[str, Any], when: str = "true", rule_id: str = "r", **more: Any) -> dict[str, Any]:
    return {"id": rule_id, "when": when, "then": then, **more}


def rulebook(*rules: dict[str, Any]) -> Rulebook:
    return compile_policy(read_policy({"name": "a", "rules": list(rules)}))


def apply(*rules: dict[str, Any], counts: EventCounts | None = None, today: date = TODAY, k: int = 4) -> Applied:
    return applied(rulebook(*rules), FRAME, counts=counts, today=today, scores=SCORES, k=k)


def chosen(done: Applied) -> list[int]:
    return [int(option) for option in done.ranked.chosen]


def test_without_rules_all_may_come_with_factor_one() -> None:
    done = apply()

    assert done.excluded == [False] * 4
    assert done.factor == [1.0] * 4


def test_exclude_takes_out_what_is_true_and_not_what_is_unknown() -> None:
    done = apply(rule({"exclude": True}, "product.category = 'fax'"))

    assert done.excluded == [True, True, False, False]


def test_factors_of_several_rules_multiply() -> None:
    done = apply(
        rule({"multiply": 2.0}, "contact.segment = 'gold'", "all"),
        rule({"multiply": 0.5}, "product.value > 15", "dear"),
    )

    assert done.factor == [2.0, 1.0, 1.0, 2.0]


def test_a_cap_lets_so_many_of_a_value_through_and_back_fills() -> None:
    assert chosen(apply(rule({"cap": {"by": "product.category", "at_most": 1}}), k=3)) == [0, 2, 3]


def test_a_cap_holds_only_where_its_condition_is_true() -> None:
    done = apply(rule({"cap": {"by": "product.category", "at_most": 1}}, "product.value > 15"))

    assert chosen(done) == [0, 1, 2, 3]


def test_a_cap_by_a_number_groups_equal_numbers() -> None:
    frame = Frame(3, {"product.value": np.array([1.0, 2.0, 1.0])})
    done = applied(rulebook(rule({"cap": {"by": "product.value", "at_most": 1}})), frame)
    groups = done.outcomes.caps[0].groups

    assert groups[0] == groups[2] != groups[1]


def test_a_limit_excludes_what_has_had_enough() -> None:
    window = EventWindow("pitch", "pair", 7)
    limit = rule({"limit": {"event": "pitch", "by": "pair", "at_most": 3, "days": 7}})
    done = apply(limit, counts={window: np.array([3, 2, 4, 0])})

    assert rulebook(limit, limit | {"id": "again"}).limits == (window,)
    assert done.excluded == [True, False, True, False]


def test_a_limit_by_contact_may_be_one_count_for_all() -> None:
    window = EventWindow("pitch", "contact", 7)
    limit = rule({"limit": {"event": "pitch", "by": "contact", "at_most": 3, "days": 7}})

    assert apply(limit, counts={window: np.array([3])}).excluded == [True] * 4


def test_a_limit_without_its_counts_is_an_error() -> None:
    with pytest.raises(KeyError):
        apply(rule({"limit": {"event": "pitch", "by": "pair", "at_most": 3, "days": 7}}))


def test_of_exclusive_products_only_the_best_comes_out() -> None:
    assert chosen(apply(rule({"exclusive": ["p0", "p2", "elsewhere"]}))) == [0, 1, 3]


def test_a_pin_brings_its_option_to_its_rank() -> None:
    assert chosen(apply(rule({"pin": 1}, "product.id = 'p2'"))) == [2, 0, 1, 3]


def test_the_first_stage_that_excludes_is_named() -> None:
    done = apply(
        rule({"exclude": True}, rule_id="taste", reason="Not now"),
        rule({"exclude": True}, "product.value < 15", "law", stage="eligibility", reason="Not allowed"),
    )

    assert done.outcomes.exclusion(0) == Exclusion(
        rule_id="law", stage="eligibility", effect="exclude", reason="Not allowed"
    )
    assert done.outcomes.exclusion(2) == Exclusion(
        rule_id="taste", stage="suitability", effect="exclude", reason="Not now"
    )


def test_within_a_stage_the_higher_priority_comes_first() -> None:
    done = apply(rule({"exclude": True}, rule_id="low"), rule({"exclude": True}, rule_id="high", priority=5))
    exclusion = done.outcomes.exclusion(0)

    assert exclusion is not None
    assert exclusion.rule_id == "high"


@pytest.mark.parametrize(
    ("today", "acts"),
    [
        (date(2026, 9, 30), False),
        (date(2026, 10, 1), True),
        (date(2026, 12, 31), True),
        (date(2027, 1, 1), False),
    ],
)
def test_a_rule_acts_from_its_first_to_its_last_day(today: date, acts: bool) -> None:
    season = rule({"exclude": True}, **{"from": "2026-10-01", "to": "2026-12-31"})

    assert apply(season, today=today).excluded == [acts] * 4


def test_fired_and_unknown_rules_are_told_for_one_option() -> None:
    done = apply(
        rule({"multiply": 1.5}, "product.value > 15", "dear", reason="Worth it"),
        rule({"pin": 1}, "product.id = 'p1'", "first"),
    )

    assert [done.outcomes.rules[number].rule.id for number in done.outcomes.fired(np.array([1]))[0]] == [
        "dear",
        "first",
    ]
    assert done.outcomes.unknown(np.array([3]))[0] == [UnknownRule("dear", ("product.value",))]
    assert done.outcomes.unknown(np.array([0]))[0] == []


def test_firings_are_counted_as_true_false_and_unknown() -> None:
    done = apply(rule({"multiply": 1.5}, "product.value > 15"))

    assert done.outcomes.firing_counts() == {"r": (2, 1, 1)}


def test_options_get_what_their_products_get_among_the_whole_catalogue() -> None:
    rules = rulebook(
        rule({"exclude": True}, "product.category = 'fax'"),
        rule({"multiply": 2.0}, "product.value > contact.age", "mixed"),
        rule({"multiply": 3.0}, "contact.segment = 'gold'", "request"),
        rule({"multiply": 5.0}, "product.value < 25 AND contact.age > 1 AND product.category = 'fax'", "in parts"),
        rule({"multiply": 7.0}, "product.value < 25 AND contact.age > 5", "not above it"),
        rule({"multiply": 0.5}, "contact.age > 2", "above it"),
    )
    contact = {"contact.segment": encode(["gold"]), "contact.age": np.array([5.0])}
    catalogue, rows = Frame.of(PRODUCTS, "product"), np.array([2, 0, 3])
    of_catalogue = applied(rules, catalogue.with_columns(contact), products=rows)
    of_options = applied(rules, catalogue.take(rows).with_columns(contact))

    assert of_catalogue.excluded == of_options.excluded == [False, True, False]
    assert of_catalogue.factor == of_options.factor == [3.0, 15.0, 1.5]


def test_a_rulebook_is_refused_where_the_tenant_lacks_the_column() -> None:
    policy = read_policy(
        {
            "name": "a",
            "rules": [
                rule({"exclude": True}, "product.colour = 'red'", "one"),
                rule({"cap": {"by": "product.color", "at_most": 1}}, rule_id="two"),
            ],
        }
    )
    with pytest.raises(InvalidPolicy) as caught:
        compile_policy(policy, ColumnSchema(product={"hue": "text"}))

    assert [fault.pointer for fault in caught.value.faults] == ["/rules/0/when", "/rules/1/then/cap/by"]


def test_a_policys_own_models_may_be_named() -> None:
    policy = read_policy({"name": "a", "models": {"lead": {}}, "rules": [rule({"pin": 1}, "score.lead > 0.5")]})

    assert len(compile_policy(policy, ColumnSchema(models=["cf"])).rules) == 1
