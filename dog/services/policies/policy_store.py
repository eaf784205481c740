"""Policies: stored as versions, of which one is active for each name."""

from collections.abc import Collection
from datetime import date
from pathlib import Path
from typing import Any

from dog.core.iso_weeks import iso_time
from dog.core.policy.policy import Policy, policy_version
from dog.core.rulebook.known_trees import remember_trees, write_trees
from dog.errors import Conflict, InvalidPolicy, NotFound
from dog.log import log
from dog.services.policies.check_policy import check_policy_file
from dog.services.policies.proof_rule import ProofRequired, check_proof_rule
from dog.services.policies.tenant_schema import read_to_serve, tenant_schema
from dog.storage.policy_files import read_policy_file
from dog.storage.policy_versions import (
    ANY,
    activate_policy,
    active_policies,
    add_policy,
    policies_from_files,
    read_policy_texts,
    read_policy_version,
    read_policy_versions,
)
from dog.storage.store import Store

FROM_FILE = "file"


class VersionMovedOn(Conflict):
    """Another version of a policy is active than the one that a change was made from."""

    code = "version_moved_on"


def load_policy_files(store: Store, folder: Path, now_ms: int, today: date, *, first_only: bool = False) -> None:
    """Activate the policies of a folder's `*.toml` files, but never in place of what a person activated.

    A file acts once, when its content is new: a rollback stays after a restart. A refused file leaves the active
    version; the log and `doctor` name it. Where the tenant requires proofs, a file without one is stored as a draft.
    With `first_only`, nothing is done where any policy is active: only the service follows changes of the files. Raises
    `InvalidPolicy`, which names file, line and column, where a file is refused and no policy is active.
    """
    active = active_policies(store)
    if active and first_only:
        return
    from_files = policies_from_files(store)
    stored = {text for name in active for text in read_policy_texts(store, name)}
    for path in sorted(folder.glob("*.toml")):
        if _holds_one_of(stored, path):
            continue
        try:
            policy = read_policy_file(path)
            if policy_version(policy) in read_policy_versions(store, policy.name):
                continue
            check_policy_file(store, path, today)
        except InvalidPolicy as error:
            if not active:
                raise InvalidPolicy(f"{path}: {error.message}", error.faults) from None
            log.warning("policy_file_refused", file=str(path), reason=error.message)
            continue
        by_file = policy.name in from_files or policy.name not in active
        try:
            check_proof_rule(store, policy.name, policy_version(policy))
        except ProofRequired as error:
            log.warning("policy_file_unproved", file=str(path), reason=error.message)
            by_file = False
        text, why = path.read_text("utf-8"), f"from {path.name}"
        store_policy(store, policy, FROM_FILE, why, now_ms, activate=by_file, text=text)


def _holds_one_of(texts: Collection[str], path: Path) -> bool:
    """Return whether the file has a stored text: then it need not be parsed at each start."""
    try:
        return path.read_text("utf-8") in texts
    except (OSError, UnicodeDecodeError):  # reading the policy says what is wrong
        return False


def refused_policy_files(store: Store, folder: Path, today: date) -> dict[Path, str]:
    """Return the files of a folder that are refused, each with the reason."""
    refused = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            check_policy_file(store, path, today)
        except InvalidPolicy as error:
            refused[path] = error.message
    return refused


def store_policy(
    store: Store, policy: Policy, author: str, comment: str, now_ms: int, *, activate: bool, text: str | None = None
) -> str:
    """Store a version of a policy and its TOML text, with author, comment and time; activate it on request.

    A version that is stored already keeps its author and time; its comment is replaced by its author alone.
    """
    version = policy_version(policy)
    kept = read_policy_version(store, policy.name, version) or {"author": author, "created_at": iso_time(now_ms)}
    own = comment if author == kept["author"] else ""
    record: dict[str, Any] = {
        **kept,
        "comment": own or kept.get("comment") or comment,
        "document": policy.to_document(),
        "conditions": write_trees(rule.when for rule in policy.rules),
    }
    add_policy(store, policy.name, version, record, text)
    if activate:
        activate_policy(store, policy.name, version, by_file=author == FROM_FILE)
    return version


def read_active_policies(store: Store) -> dict[str, tuple[str, Policy]]:
    """Read the active version of every policy: name -> version, policy."""
    read = {
        name: (version, read_stored_policy(store, name, version)) for name, version in active_policies(store).items()
    }
    return {name: (version, policy) for name, (version, policy) in read.items() if policy is not None}


def read_stored_policy(store: Store, name: str, version: str) -> Policy | None:
    """Read a stored version of a policy; None where it is not kept."""
    record = read_policy_version(store, name, version)
    if record is None:
        return None
    remember_trees(record.get("conditions"))  # first: reading the policy would parse them
    return read_to_serve(record["document"], tenant_schema(store))


def policies_by_name(store: Store) -> dict[str, Policy]:
    """Read every active policy, by name."""
    return {name: policy for name, (_, policy) in read_active_policies(store).items()}


def activate_version(store: Store, name: str, version: str, expected: str = ANY) -> None:
    """Activate a stored version in place of the expected one.

    Raises `NotFound` where the policy has no such version, `VersionMovedOn` where the active version is not the
    expected one, `ProofRequired` where the tenant requires a proof and the version has none.
    """
    if version not in read_policy_versions(store, name):
        raise NotFound(f"policy '{name}' has no version '{version}'", code="unknown_policy_version")
    expected = check_proof_rule(store, name, version, expected)
    instead = activate_policy(store, name, version, expected)
    if instead is not None:
        raise VersionMovedOn(f"policy '{name}' {_now(instead)} now, not {expected or 'none'}; read it again")


def check_expected(store: Store, name: str, if_match: Collection[str] | None) -> str:
    """Return the version that a change replaces, `ANY` without a condition.

    `if_match` holds the versions of which one must be active; it is empty where none may be, and `{"*"}` where any must
    be. Raises `VersionMovedOn` where another version is active.
    """
    if if_match is None:
        return ANY
    active = active_policies(store).get(name, "")
    fits = (active in if_match or (bool(active) and ANY in if_match)) if if_match else not active
    if not fits:
        wanted = f"not at {' or '.join(sorted(if_match))}" if if_match else "and you asked for it to be new"
        raise VersionMovedOn(f"policy '{name}' {_now(active)} now, {wanted}; read it again")
    return active


def _now(version: str) -> str:
    return f"is at version {version}" if version else "has no active version"
