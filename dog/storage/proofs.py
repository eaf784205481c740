"""Proofs of policies: which version was compared with which, what came of it, and whether a tenant asks for one."""

from dataclasses import asdict, dataclass

import orjson

from dog.storage.audit_log import record_audit_entry
from dog.storage.store import Store

KEPT_PROOFS = 500
RULE = "require_proof"


@dataclass(frozen=True, slots=True)
class KeptProof:
    """What came of the last comparison of two policy versions.

    Parameters
    ----------
    proved
        Whether the challenger is at least as good.
    at_ms
        When, milliseconds since 1970.
    sentence
        What was found.

    """

    proved: bool
    at_ms: int
    sentence: str


def keep_proof(store: Store, challenger: str, champion: str, proof: KeptProof) -> None:
    """Keep a proof in place of an earlier one of the same two versions; the oldest beyond the bound go."""
    key = store.keys.of("proofs")
    trip = store.trip()
    trip.add("HSET", key, _field(challenger, champion), orjson.dumps(asdict(proof)))
    trip.add("HLEN", key)
    if trip.send()[1] <= KEPT_PROOFS:
        return
    trip = store.trip()
    trip.add("HGETALL", key)
    kept: dict[bytes, bytes] = trip.send()[0]
    oldest = sorted(kept, key=lambda field: orjson.loads(kept[field])["at_ms"])
    trip = store.trip()
    trip.add("HDEL", key, *oldest[:-KEPT_PROOFS])
    trip.send()


def read_proof(store: Store, challenger: str, champion: str) -> KeptProof | None:
    """Read the last proof of one version against another; None where they were never compared."""
    trip = store.trip()
    trip.add("HGET", store.keys.of("proofs"), _field(challenger, champion))
    record: bytes | None = trip.send()[0]
    return None if record is None else KeptProof(**orjson.loads(record))


def _field(challenger: str, champion: str) -> str:
    return f"{challenger}:{champion}"


def require_proofs(store: Store, *, required: bool) -> None:
    """Make it the tenant's rule, or no longer, that a policy version is proved before it comes in force."""
    trip = store.trip()
    trip.add("HSET", store.keys.of("settings"), RULE, int(required))
    trip.send()
    record_audit_entry(store.redis, store.tenant.name, "settings.change", RULE, required=required)


def proofs_required(store: Store) -> bool:
    """Tell whether the tenant asks for a proof; not unless it was told to."""
    trip = store.trip()
    trip.add("HGET", store.keys.of("settings"), RULE)
    return bool(trip.send()[0] == b"1")


def was_in_force(store: Store, name: str, version: str) -> bool:
    """Tell whether a version of a policy was in force before another took its place."""
    trip = store.trip()
    trip.add("SISMEMBER", store.keys.of("replaced", name), version)
    return bool(trip.send()[0])
