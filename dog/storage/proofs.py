"""Proofs of policies: results of comparing two versions, and whether a tenant requires one."""

from dataclasses import asdict, dataclass

import orjson

from dog.storage.audit_log import record_audit_entry
from dog.storage.store import Store

KEPT_PROOFS = 500
RULE = "require_proof"


@dataclass(frozen=True, slots=True)
class KeptProof:
    """Result of the last comparison of two versions: whether the challenger is at least as good, when, and why."""

    proved: bool
    at_ms: int
    sentence: str


def keep_proof(store: Store, challenger: str, champion: str, proof: KeptProof) -> None:
    """Store a proof in place of an earlier one of the same versions; the oldest beyond the bound are deleted."""
    key = store.keys.of("proofs")
    write = ("HSET", key, f"{challenger}:{champion}", orjson.dumps(asdict(proof)))
    _, count = store.execute_all([write, ("HLEN", key)])
    if count <= KEPT_PROOFS:
        return
    kept: dict[bytes, bytes] = store.execute("HGETALL", key)
    oldest = sorted(kept, key=lambda field: orjson.loads(kept[field])["at_ms"])
    store.execute("HDEL", key, *oldest[:-KEPT_PROOFS])


def read_proof(store: Store, challenger: str, champion: str) -> KeptProof | None:
    """Read the last proof of one version against another; None where there is none."""
    record = store.execute("HGET", store.keys.of("proofs"), f"{challenger}:{champion}")
    return None if record is None else KeptProof(**orjson.loads(record))


def require_proofs(store: Store, *, required: bool) -> None:
    """Require a proof before a policy version becomes active, or no longer."""
    store.execute("HSET", store.keys.of("settings"), RULE, int(required))
    record_audit_entry(store.redis, store.tenant.name, "settings.change", RULE, required=required)


def proofs_required(store: Store) -> bool:
    """Return whether the tenant requires proofs; by default it does not."""
    return bool(store.execute("HGET", store.keys.of("settings"), RULE) == b"1")


def was_active(store: Store, name: str, version: str) -> bool:
    """Return whether a version of a policy was active before another replaced it."""
    return bool(store.execute("SISMEMBER", store.keys.of("replaced", name), version))
