"""Versions of policies, of which one is active for each name."""

from typing import Any

import orjson

from dog.core.policy.policy import default_policy
from dog.storage.audit_log import record_audit_entry
from dog.storage.store import Store

KEPT_VERSIONS = 200
ANY = "*"
"""Stands for any active version."""
DEFAULT_FIELD = "default_policy"
"""Field of the head that names the tenant's default policy."""


def add_policy(store: Store, name: str, version: str, record: dict[str, Any], text: str | None = None) -> None:
    """Store a version of a policy and its TOML text, which has the comments; delete the oldest ones."""
    trip = store.trip()
    if text is not None:
        trip.add("HSET", store.keys.of("policy_text", name), version, text)
    trip.add("HSET", store.keys.of("policy", name), version, orjson.dumps(record))
    trip.add("HLEN", store.keys.of("policy", name))
    is_new, count = trip.send()[-2:]
    if is_new:
        record_audit_entry(
            *(store.redis, store.tenant.name, "policy.store", name),
            version=version,
            author=record.get("author"),
            comment=record.get("comment"),
        )
    if count > KEPT_VERSIONS:
        _forget_oldest(store, name, version)


def record_publisher(store: Store, name: str, version: str, *, by: str, at: str, comment: str = "") -> None:
    """Record in a version who published it last, when, and with which comment, beside who wrote it."""
    record = read_policy_version(store, name, version)
    if record is not None:
        record |= {"published_by": by, "published_at": at, "published_comment": comment}
        store.execute("HSET", store.keys.of("policy", name), version, orjson.dumps(record))


def _forget_oldest(store: Store, name: str, newest: str) -> None:
    kept = {newest, active_policies(store).get(name, "")}
    versions = read_policy_versions(store, name)
    oldest = sorted(versions.keys() - kept, key=lambda version: str(versions[version]["created_at"]))
    gone = oldest[: len(versions) - KEPT_VERSIONS]
    places = (("HDEL", "policy"), ("HDEL", "policy_text"), ("SREM", "replaced"))
    store.execute_all((command, store.keys.of(part, name), *gone) for command, part in places)


def activate_policy(store: Store, name: str, version: str, expected: str = ANY, *, by_file: bool = False) -> str | None:
    """Activate a stored version; return None, or the active version ('' for none) where it is not the expected one."""
    keys = [*(store.keys.of(part) for part in ("policies", "head", "from_files")), store.keys.of("replaced", name)]
    instead: bytes | None = store.run_script("activate_policy", keys, [name, version, expected, int(by_file)])
    if instead is not None:
        return instead.decode()
    record_audit_entry(store.redis, store.tenant.name, "policy.activate", name, version=version)
    return None


def replaced_versions(store: Store, name: str) -> set[str]:
    """Read the versions of a policy that were active before another replaced them."""
    return {version.decode() for version in store.execute("SMEMBERS", store.keys.of("replaced", name))}


def set_default_policy(store: Store, name: str) -> None:
    """Make a policy the tenant's default; processes use it from their next request on."""
    store.execute("HSET", store.keys.of("head"), DEFAULT_FIELD, name)
    record_audit_entry(store.redis, store.tenant.name, "policy.default", name)


def read_default_policy(store: Store) -> str:
    """Read the name of the tenant's default policy."""
    stated = store.execute("HGET", store.keys.of("head"), DEFAULT_FIELD)
    return default_policy((stated or b"").decode(), active_policies(store))


def policies_from_files(store: Store) -> set[str]:
    """Return the policies whose active version comes from a file and was not changed since."""
    return {name.decode() for name in store.execute("SMEMBERS", store.keys.of("from_files"))}


def active_policies(store: Store) -> dict[str, str]:
    """Read the active version of each policy."""
    active = store.execute("HGETALL", store.keys.of("policies"))
    return {name.decode(): version.decode() for name, version in sorted(active.items())}


def read_policy_versions(store: Store, name: str) -> dict[str, dict[str, Any]]:
    """Read all kept versions of a policy, by version."""
    records = store.execute("HGETALL", store.keys.of("policy", name))
    return {version.decode(): orjson.loads(record) for version, record in records.items()}


def read_policy_version(store: Store, name: str, version: str) -> dict[str, Any] | None:
    """Read one version of a policy; None where it is not kept."""
    record: bytes | None = store.execute("HGET", store.keys.of("policy", name), version)
    return None if record is None else orjson.loads(record)


def read_policy_texts(store: Store, name: str) -> set[str]:
    """Read the TOML texts of all kept versions."""
    return {text.decode() for text in store.execute("HVALS", store.keys.of("policy_text", name))}


def read_policy_text(store: Store, name: str, version: str) -> str | None:
    """Read the TOML text of a version; None where it was sent as a document."""
    text: bytes | None = store.execute("HGET", store.keys.of("policy_text", name), version)
    return None if text is None else text.decode()
