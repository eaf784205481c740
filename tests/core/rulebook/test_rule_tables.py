from datetime import date
from typing import Any

import numpy as np
import pytest

from dog.core.kernels.rank_by_rules import ALL_PRODUCTS, TRUE, UNKNOWN
from dog.core.kernels.run_programs import AND, COLUMN, MORE, NUMBER, OF_PRODUCT
from dog.core.policy.policy_reader import read_policy
from dog.core.policy.policy_rules import compile_policy
from dog.core.rulebook.columns import Frame
from dog.core.rulebook.rule_tables import RuleTables

PRODUCTS = Frame.of([{"category": "fax", "value": 1.0}, {"category": "ink"}, {}], "product")


def tables(*conditions: str, **more: Any) -> RuleTables:
    rules = [{"id": f"r{n}", "when": when, "then": {"multiply": 2.0}, **more} for n, when in enumerate(conditions)]
    policy = read_policy({"name": "a", "models": {"cf": {}}, "rules": rules})
    return RuleTables.of(compile_policy(policy), PRODUCTS, ["cf"])


def test_each_part_of_a_condition_is_evaluated_for_products_requests_or_options_once() -> None:
    made = tables("product.value > 0 AND contact.age > 30 AND score.cf > 0.5 AND pitches > product.value")

    assert made.of_products.tolist() == [[TRUE, UNKNOWN, UNKNOWN]]
    assert [rule for rule, _ in made.of_contacts.parts] == [0]
    assert made.steps["operation"].tolist() == [COLUMN, NUMBER, MORE, COLUMN, OF_PRODUCT, MORE, AND]
    assert made.product_values.tolist() == [pytest.approx([1.0, np.nan, np.nan], nan_ok=True)]


def test_columns_are_numbered_models_first_then_score_and_multiplier_then_pairs_days_and_others() -> None:
    made = tables("wins > 1", "score.cf > 1", "multiplier > 1", "consolidated > 1", "days_since.win > 1")
    columns = made.steps[made.steps["operation"] == COLUMN]["place"]

    assert made.history == ("wins", "pitches", "win_rate", "days_since.win")
    assert columns.tolist() == [3, 0, 2, 1, 6]
    assert RuleTables.of(made.rulebook, PRODUCTS, []).history == (*made.history, "score.cf")


def test_a_rule_knows_its_program_and_the_states_of_its_products() -> None:
    made = tables("wins > 1", "product.value > 1", "product.value > 0 AND score.cf > 1", "true")

    assert made.rules["of_products"].tolist() == [ALL_PRODUCTS, 0, 1, ALL_PRODUCTS]
    assert made.rules["begin"].tolist() == [0, 3, 3, 6]
    assert made.rules["end"].tolist() == [3, 3, 6, 6]


def test_a_part_about_text_of_several_sources_is_a_column_behind_the_others() -> None:
    made = tables("product.category = contact.segment AND wins > 1")

    assert len(made.of_options) == 1
    assert made.steps["place"].tolist()[0] == 1 + 2 + len(made.history)


def test_a_rule_is_active_from_its_first_to_its_last_day() -> None:
    made = tables("true", **{"from": "2026-10-01", "to": "2026-10-02"})
    days = [date(2026, 9, 30), date(2026, 10, 1), date(2026, 10, 2), date(2026, 10, 3)]

    assert [made.active(day).tolist() for day in days] == [[False], [True], [True], [False]]


def test_a_rulebook_without_rules_has_empty_tables() -> None:
    made = tables()

    assert made.of_products.shape == (0, 3)
    assert made.caps.shape == (0, 3)
    assert made.of_contacts.read({}, {}, 1).states.shape == (0, 1)
    assert made.active(date(2026, 11, 20)).tolist() == np.zeros(0).tolist()
