from typing import Any

import numpy as np
import pytest

from dog.core.policy.policy_reader import read_policy
from dog.core.policy.policy_rules import compile_policy
from dog.core.rulebook.columns import Frame, encode
from dog.core.rulebook.rule_outcomes import UnknownRule
from tests.core.rulebook.applied_rules import Applied, applied

FRAME = Frame(3, {"product.value": np.array([1.0, 2.0, np.nan]), "pitches": np.array([0.0, 5.0, 1.0])})


def done(when: str, columns: dict[str, Any] | None = None) -> Applied:
    rules = [{"id": "r", "when": when, "then": {"multiply": 2.0}}]
    rulebook = compile_policy(read_policy({"name": "a", "rules": rules}))
    return applied(rulebook, FRAME.with_columns(columns or {}))


@pytest.mark.parametrize("when", ["product.value > 1", "pitches > 1", "pitches > product.value", "pitches IN (5, 7)"])
def test_a_rule_acts_wherever_its_condition_is_evaluated(when: str) -> None:
    assert done(when).factor == [1.0, 2.0, 1.0]


def test_the_details_name_the_columns_that_are_null_of_every_kind() -> None:
    told = done("product.value > 0 AND contact.age > 1 AND context.hour > 1 AND wins > 1 AND wins > pitches")
    columns = ("contact.age", "context.hour", "product.value", "wins")

    assert told.outcomes.unknown(np.array([2])) == [[UnknownRule("r", columns)]]


def test_a_value_of_the_contact_counts_for_all_of_its_options() -> None:
    assert done("contact.segment = 'gold'", {"contact.segment": encode(["gold"])}).factor == [2.0, 2.0, 2.0]
