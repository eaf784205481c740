"""A policy held against the tenant's columns and against its own examples, before it may act."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from dog.core.policy.policy import Policy
from dog.core.policy.policy_reader import read_policy
from dog.core.policy.policy_rules import check_examples
from dog.errors import InvalidPolicy
from dog.services.policies.tenant_schema import tenant_schema
from dog.storage.policy_files import parse_policy_toml, place_faults, read_policy_file, read_policy_toml
from dog.storage.store import Store


def check_policy(store: Store, content: bytes | str | Mapping[str, Any], today: date) -> Policy:
    """Read a policy (TOML text or a document) against the tenant's columns and run its own examples.

    Raises
    ------
    InvalidPolicy
        It cannot be taken; one fault for each thing that is wrong, with its place.

    """
    schema = tenant_schema(store)
    if isinstance(content, Mapping):
        policy = read_policy(content, schema)
        faults = check_examples(policy, today, schema)
    else:
        text = content.decode() if isinstance(content, bytes) else content
        policy = read_policy_toml(text, schema)
        faults = check_examples(policy, today, schema)
        faults = place_faults(text, parse_policy_toml(text), faults) if faults else faults
    if faults:
        count = len({fault.pointer.split("/")[2] for fault in faults})
        failing = "one of the policy's own examples fails" if count == 1 else f"{count} of the policy's examples fail"
        raise InvalidPolicy(failing, faults)
    return policy


def check_policy_file(store: Store, path: Path, today: date) -> Policy:
    """Read a policy file as `check_policy` reads its text.

    Raises
    ------
    InvalidPolicy
        It cannot be taken; one fault for each thing that is wrong, with its place.

    """
    read_policy_file(path)  # size and spelling
    return check_policy(store, path.read_text("utf-8"), today)
