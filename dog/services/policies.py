"""Policies: published as versions, one active by name."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dog.core.policy import Policy, policy_version
from dog.core.settings import Reinforcement
from dog.errors import NotFound
from dog.services.tenant_schema import read_to_serve, tenant_schema
from dog.storage.policies import activate_policy, active_policies, add_policy, read_policy_versions
from dog.storage.policy_files import read_policy_file
from dog.storage.store import Store

DEFAULT_POLICY = "recommended"
FROM_FILE = "file"


def load_policy_files(store: Store, folder: Path, now_ms: int) -> None:
    """Publish the policy files of a folder, without overwriting what was activated by other means.

    Raises
    ------
    InvalidPolicy
        A file cannot be taken; the message names the file, line and column.

    """
    active = active_policies(store)
    for path in sorted(folder.glob("*.toml")):
        policy = read_policy_file(path)
        version = policy_version(policy)
        if version == active.get(policy.name):
            continue
        current = read_policy_versions(store, policy.name).get(active.get(policy.name, ""), {})
        by_file = current.get("author", FROM_FILE) == FROM_FILE
        publish_policy(store, policy, FROM_FILE, f"from {path.name}", now_ms, activate=by_file)


def publish_policy(store: Store, policy: Policy, author: str, comment: str, now_ms: int, *, activate: bool) -> str:
    """Store a version of a policy with who, when and why; make it the active one if asked to."""
    version = policy_version(policy)
    record: dict[str, Any] = {
        "author": author,
        "comment": comment,
        "created_at": datetime.fromtimestamp(now_ms / 1000, UTC).isoformat(timespec="seconds"),
        "document": policy.to_document(),
    }
    add_policy(store, policy.name, version, record)
    if activate:
        activate_policy(store, policy.name, version)
    return version


def read_active(store: Store) -> dict[str, tuple[str, Policy]]:
    """Read the active version of every policy: name -> version, policy."""
    found, schema = {}, tenant_schema(store)
    for name, version in active_policies(store).items():
        record = read_policy_versions(store, name)[version]
        found[name] = (version, read_to_serve(record["document"], schema))
    return found


def active_reinforcements(store: Store) -> dict[str, Reinforcement]:
    """Read the reinforcement settings of every active policy."""
    return {name: policy.reinforcement for name, (_, policy) in read_active(store).items()}


def default_policy(store: Store) -> Policy:
    """Read the default policy.

    Raises
    ------
    NotFound
        There is none; the message says how to get one.

    """
    active = read_active(store)
    if not active:
        raise NotFound("there is no policy; put one into rules/ (see rules/README.md) and start again")
    return active.get(DEFAULT_POLICY, next(iter(active.values())))[1]


def activate(store: Store, name: str, version: str) -> None:
    """Make a stored version the active one.

    Raises
    ------
    NotFound
        The policy has no such version.

    """
    if version not in read_policy_versions(store, name):
        raise NotFound(f"policy '{name}' has no version '{version}'", code="unknown_policy_version")
    activate_policy(store, name, version)
