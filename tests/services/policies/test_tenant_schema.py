from dog.core.policy.policy_reader import read_policy
from dog.services.policies.tenant_schema import compile_to_serve, read_to_serve, tenant_schema
from dog.storage.catalogue import record_attributes
from dog.storage.store import Store


def test_attributes_of_loaded_rows_are_columns(store: Store) -> None:
    before = tenant_schema(store)
    record_attributes(store, "product", [{"product_id": "p1", "colour": "blue"}])

    assert before.product is None
    assert (tenant_schema(store).product or {})["colour"] == "text"


def test_a_policy_whose_column_is_gone_is_still_served(store: Store) -> None:
    rule = {"id": "r", "when": "product.gone = 'x'", "then": {"exclude": True}}
    policy = read_policy({"name": "a", "rules": [rule]})
    record_attributes(store, "product", [{"product_id": "p1", "colour": "blue"}])
    schema = tenant_schema(store)

    assert compile_to_serve(policy, schema).rules
    assert read_to_serve(policy.to_document(), schema) == policy
