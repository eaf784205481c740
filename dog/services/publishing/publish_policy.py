"""Show, check, store, activate and compare policies."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from dog.core.iso_weeks import iso_time
from dog.core.learning.recursion import find_breaks
from dog.core.policy.policy import Policy, policy_version
from dog.core.rulebook.conflicts import find_conflicts
from dog.errors import InputFault, InvalidPolicy, NotFound
from dog.services.lists.snapshot import Snapshots
from dog.services.policies.check_policy import check_policy
from dog.services.policies.policy_store import activate_version, check_expected, read_active_policies, store_policy
from dog.services.policies.proof_rule import check_default_proof, check_proof_rule
from dog.services.publishing.draw_curves import neutral_rate
from dog.services.publishing.publication_record import keep_publication
from dog.services.publishing.unmatched_values import unmatched_values
from dog.services.runtime import Runtime
from dog.storage.audit_log import acting_name
from dog.storage.policy_versions import (
    active_policies,
    read_policy_versions,
    record_publisher,
    replaced_versions,
    set_default_policy,
)
from dog.storage.store import Store


def publish_policy(
    runtime: Runtime,
    tenant: str,
    name: str,
    content: bytes | Mapping[str, Any],
    *,
    author: str,
    comment: str,
    if_match: Collection[str] | None = None,
    draft: bool = False,
) -> dict[str, Any]:
    """Store a version of a policy, and activate it unless it is a draft.

    Nothing is stored where it is refused (`InvalidPolicy`), where the active version is none of `if_match`
    (`VersionMovedOn`, see `check_expected`), or where the tenant requires a proof and the version has none
    (`ProofRequired`). A draft replaces nothing, so only the first applies to it.
    """
    store, started_ms = runtime.store(tenant), runtime.clock()
    expected = check_expected(store, name, None if draft else if_match)
    policy = check_policy(store, content, runtime.today())
    if policy.name != name:
        message = f"the policy names itself '{policy.name}' but was sent to '{name}'"
        raise InvalidPolicy(message, [InputFault("/name", "wrong_name", message)])
    if not draft:
        expected = check_proof_rule(store, name, policy_version(policy), expected)
    replaced = read_active_policies(store).get(name)
    text = content.decode() if isinstance(content, bytes) else None
    version = store_policy(store, policy, author, comment, runtime.clock(), activate=False, text=text)
    if not draft:
        activate_version(store, name, version, expected)
        record_publisher(store, name, version, by=author, at=iso_time(started_ms), comment=comment)
    keep_publication(runtime, tenant, policy, version, replaced, started_ms=started_ms, author=author, draft=draft)
    return {
        "name": name,
        "version": version,
        "active": active_policies(store).get(name) == version,
        "warnings": policy_warnings(runtime, tenant, policy),
    }


def policy_warnings(runtime: Runtime, tenant: str, policy: Policy) -> list[dict[str, Any]]:
    """List probable mistakes: contradicting rules, unknown values, a curve that breaks order or bounds."""
    snapshot = runtime.shared(Snapshots).current(runtime.store(tenant))
    found = find_conflicts(policy.rules) + unmatched_values(policy, snapshot.products)
    found += _missing_challenger(runtime.store(tenant), policy)
    warnings = [{"code": fault.code, "pointer": fault.pointer, "message": fault.message} for fault in found]
    breaks = find_breaks(neutral_rate(policy.reinforcement, lambda: snapshot), 1, policy.reinforcement)
    place = "/reinforcement/recursion"
    return warnings + [
        {**asdict(broken), "pointer": place, "message": f"after a recursion, at win rate {broken.win_rate}"}
        for broken in breaks
    ]


def _missing_challenger(store: Store, policy: Policy) -> list[InputFault]:
    if policy.shadow is None:
        return []
    name, _, version = policy.shadow.challenger.partition("@")
    if version in read_policy_versions(store, name) or (not version and name in active_policies(store)):
        return []
    message = f"'{policy.shadow.challenger}' is neither an active policy nor a stored version: it makes no lists"
    return [InputFault("/shadow/challenger", "unknown_challenger", message)]


def show_policy(runtime: Runtime, tenant: str, name: str) -> tuple[str, dict[str, Any]]:
    """Read the active version of a policy and its document; `NotFound` where there is none of that name."""
    store = runtime.store(tenant)
    version = active_policies(store).get(name)
    if version is None:
        raise NotFound(
            f"no version of policy '{name}' is active; active are {', '.join(active_policies(store)) or 'none'}",
            code="unknown_policy",
        )
    document: dict[str, Any] = read_policy_versions(store, name)[version]["document"]
    return version, document


def list_policy_versions(runtime: Runtime, tenant: str, name: str) -> list[dict[str, Any]]:
    """List all versions of a policy, the last stored or published first.

    Each has its state (active, earlier or draft); its author, with comment and time; and who published it last, with
    comment and time, None where nobody has, or an earlier release did not record it.
    """
    store = runtime.store(tenant)
    active = active_policies(store).get(name)
    versions = read_policy_versions(store, name)
    if not versions:
        raise NotFound(f"policy '{name}' is not known", code="unknown_policy")
    states = dict.fromkeys(replaced_versions(store, name), "earlier") | {str(active): "active"}
    newest_first = sorted(versions.items(), key=lambda item: _last_change(item[1]), reverse=True)
    return [
        {
            "version": version,
            "active": version == active,
            "state": states.get(version, "draft"),
            "author": record["author"],
            "comment": record["comment"],
            "created_at": record["created_at"],
            **{part: record.get(part) for part in ("published_by", "published_at", "published_comment")},
        }
        for version, record in newest_first
    ]


def _last_change(record: Mapping[str, Any]) -> str:
    return max(record["created_at"], record.get("published_at", ""))


def activate_policy_version(
    runtime: Runtime, tenant: str, name: str, version: str, if_match: Collection[str] | None = None
) -> dict[str, Any]:
    """Activate a stored version: a draft, an older one or a newer one."""
    store, started_ms = runtime.store(tenant), runtime.clock()
    replaced = read_active_policies(store).get(name)
    activate_version(store, name, version, check_expected(store, name, if_match))
    record_publisher(store, name, version, by=acting_name(), at=iso_time(started_ms))
    policy = read_active_policies(store)[name][1]
    keep_publication(runtime, tenant, policy, version, replaced, started_ms=started_ms)
    return {"name": name, "version": version, "active": True}


def make_default(runtime: Runtime, tenant: str, name: str) -> dict[str, Any]:
    """Let a policy serve the requests that name none; it must be active, and proved where the tenant requires it."""
    version, _ = show_policy(runtime, tenant, name)
    store = runtime.store(tenant)
    check_default_proof(store, name)
    set_default_policy(store, name)
    return {"name": name, "version": version, "active": True, "default": True}


def diff_policies(before: Mapping[str, Any], after: Mapping[str, Any], pointer: str = "") -> list[dict[str, Any]]:
    """List the differences of two policy documents: pointer, before, after; rules are matched by their id."""
    found: list[dict[str, Any]] = []
    for key in sorted({*before, *after}):
        old, new = before.get(key), after.get(key)
        if old == new:
            continue
        place = f"{pointer}/{key}"
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            found += diff_policies(old, new, place)
        elif key in ("rules", "examples") and isinstance(old, Sequence) and isinstance(new, Sequence):
            found += diff_policies(_by_id(old), _by_id(new), place)
        else:
            found.append({"pointer": place, "before": old, "after": new})
    return found


def _by_id(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {str(row.get("id", row.get("name", place))): row for place, row in enumerate(rows)}
