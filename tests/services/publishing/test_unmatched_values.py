import pytest

from dog.core.policy.policy_reader import read_policy
from dog.core.rulebook.columns import Frame
from dog.services.publishing.unmatched_values import unmatched_values

PRODUCTS = Frame.of([{"id": "p1", "category": "laser"}, {"id": "p2", "category": "ink"}], "product")


@pytest.mark.parametrize(
    ("when", "column"),
    [
        ("product.category = 'Laser'", "product.category"),
        ("product.category IN ('ink', 'lazer')", "product.category"),
        ("NOT product.id <> 'p3'", "product.id"),
    ],
)
def test_a_value_that_no_product_has_is_warned_of(when: str, column: str) -> None:
    policy = read_policy({"name": "a", "rules": [{"id": "r", "when": when, "then": {"exclude": True}}]})
    warnings = unmatched_values(policy, PRODUCTS)

    assert [(warning.pointer, warning.code) for warning in warnings] == [("/rules/0/when", "unmatched_value")]
    assert column in warnings[0].message


def test_products_of_an_exclusive_group_are_looked_up_too() -> None:
    policy = read_policy({"name": "a", "rules": [{"id": "r", "then": {"exclusive": ["p1", "p9"]}}]})

    assert ["p9" in warning.message for warning in unmatched_values(policy, PRODUCTS)] == [True]
