"""The columns that a tenant's conditions may name, for saving a policy and for serving it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dog.core.policy.policy import Policy
from dog.core.policy.policy_reader import read_policy
from dog.core.policy.policy_rules import compile_policy
from dog.core.rulebook.column_schema import ColumnSchema
from dog.core.rulebook.rulebook import Rulebook
from dog.errors import InvalidPolicy
from dog.storage.catalogue import read_attributes
from dog.storage.store import Store


def tenant_schema(store: Store) -> ColumnSchema:
    """Return the columns that conditions may name: the attributes of loaded rows, any where none are loaded."""
    products, contacts = read_attributes(store)
    return ColumnSchema(products or None, contacts or None)


def compile_to_serve(policy: Policy, schema: ColumnSchema) -> Rulebook:
    """Compile a stored policy with the tenant's present columns; a column that is gone is unknown, never an error.

    A policy that was saved before any rows were loaded may use a column as another kind than the rows have: then the
    kinds follow from use, as they did when it was saved.
    """
    try:
        return compile_policy(policy, replace(schema, open=True))
    except InvalidPolicy:
        return compile_policy(policy, ColumnSchema(models=schema.models, open=True))


def read_to_serve(document: Mapping[str, Any], schema: ColumnSchema) -> Policy:
    """Read a stored policy document, as tolerant as `compile_to_serve`."""
    try:
        return read_policy(document, replace(schema, open=True))
    except InvalidPolicy:
        return read_policy(document, ColumnSchema(open=True))
