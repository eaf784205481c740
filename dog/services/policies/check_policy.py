"""Check a policy against the tenant's columns and its own examples."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from dog.core.policy.policy import Policy
from dog.core.policy.policy_reader import read_policy
from dog.core.policy.policy_rules import check_examples
from dog.errors import InvalidPolicy
from dog.services.policies.tenant_schema import tenant_schema
from dog.shipped_files import is_packaged
from dog.storage.policy_files import parse_policy_toml, place_faults, read_policy_text, read_policy_toml
from dog.storage.store import Store


def check_policy(store: Store, content: bytes | str | Mapping[str, Any], today: date) -> Policy:
    """Read a policy (TOML text or a document) with the tenant's columns, and run its examples.

    Raises `InvalidPolicy` with one fault for each problem, with its place.
    """
    schema = tenant_schema(store)
    if isinstance(content, Mapping):
        text, policy = None, read_policy(content, schema)
    else:
        text = content.decode() if isinstance(content, bytes) else content
        policy = read_policy_toml(text, schema)
    if faults := check_examples(policy, today, schema):
        if text is not None:
            faults = place_faults(text, parse_policy_toml(text), faults)
        count = len({fault.pointer.split("/")[2] for fault in faults})
        failing = "one of the policy's own examples fails" if count == 1 else f"{count} of the policy's examples fail"
        raise InvalidPolicy(failing, faults)
    return policy


def check_policy_file(store: Store, path: Path, today: date) -> Policy:
    """Check the text of a policy file; the examples of one that came with the package hold."""
    if is_packaged(path):
        return read_policy_toml(read_policy_text(path), tenant_schema(store))
    return check_policy(store, read_policy_text(path), today)
