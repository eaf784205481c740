"""Which columns a tenant's conditions may name: one answer for saving a policy and for serving it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dog.core.policy.policy import Policy
from dog.core.policy.policy_reader import read_policy
from dog.core.rulebook.rulebook import Rulebook
from dog.core.rulebook.schema import Schema
from dog.errors import InvalidPolicy
from dog.storage.catalogue import read_attributes
from dog.storage.store import Store


def tenant_schema(store: Store) -> Schema:
    """List the columns that conditions may name: the attributes seen in loaded rows, where any were loaded."""
    products, contacts = read_attributes(store)
    return Schema(products or None, contacts or None)


def compile_to_serve(policy: Policy, schema: Schema) -> Rulebook:
    """Compile a policy that was taken once, against the columns that there are now.

    A column that is gone is unknown, never an error. A policy saved before any rows were loaded may use a column
    otherwise than it turned out to hold: then kinds follow from use, as they did when it was saved.

    Parameters
    ----------
    policy
        As published.
    schema
        The tenant's columns now.

    """
    try:
        return Rulebook.compile(policy, replace(schema, open=True))
    except InvalidPolicy:
        return Rulebook.compile(policy, Schema(models=schema.models, open=True))


def read_to_serve(document: Mapping[str, Any], schema: Schema) -> Policy:
    """Read a stored policy document, with the same forbearance as `compile_to_serve`."""
    try:
        return read_policy(document, replace(schema, open=True))
    except InvalidPolicy:
        return read_policy(document, Schema(open=True))
