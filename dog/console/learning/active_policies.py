"""Which policies there are to look at, and which one a request chose."""

from collections.abc import Sequence
from typing import Any

from flask import request

from dog.console.session import runtime, tenant
from dog.errors import NotFound
from dog.storage.policy_versions import active_policies, read_default_policy, read_policy_version


def names_of_policies() -> list[str]:
    """Return the names of the active policies, the default first."""
    store = runtime().store(tenant())
    default = read_default_policy(store)
    return sorted(active_policies(store), key=lambda name: (name != default, name))


def chosen_policy(names: Sequence[str]) -> str | None:
    """Return the policy that the request names, else the first; None where there is none."""
    named = request.values.get("policy", "")
    return named if named in names else next(iter(names), None)


def document_of(name: str, version: str) -> dict[str, Any]:
    """Return a stored version of a policy; raise `NotFound` where it is not kept."""
    record = read_policy_version(runtime().store(tenant()), name, version)
    if record is None:
        raise NotFound(f"policy '{name}' has no version '{version}'; load the page again", code="unknown_policy")
    document: dict[str, Any] = record["document"]
    return document
