"""Versions of the model `start`: packed parameters by version, the active one named in the tenant's head."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

from dog.core.policy.policy_settings import START
from dog.storage.catalogue import put_model
from dog.storage.ids import fingerprint
from dog.storage.store import Store

KEPT_VERSIONS = 8
HEAD_FIELD = "start"


class StartVersion(NamedTuple):
    """One trained version: its name, its packed parameters, and when it was made, milliseconds since 1970."""

    name: str
    packed: bytes
    made_at_ms: int


def put_start(store: Store, packed: bytes, record: Mapping[str, Any], now_ms: int) -> str:
    """Write a version and make it the active one; return its name.

    `record` describes it, as `read_models` returns it: what was proved, the spread of its scores.
    """
    version, key = fingerprint(packed).hex(), store.keys.of("start")
    stored = orjson.dumps(now_ms) + b" " + packed
    store.execute_all([("HSET", key, version, stored), ("HSET", store.keys.of("head"), HEAD_FIELD, version)])
    put_model(store, START, {**record, "version": version, "made_at_ms": now_ms})
    known: dict[bytes, bytes] = store.execute("HGETALL", key)
    if len(known) > KEPT_VERSIONS:
        oldest = sorted(known, key=lambda name: int(known[name].partition(b" ")[0]))
        store.execute("HDEL", key, *oldest[:-KEPT_VERSIONS])
    return version


def read_start_version(store: Store, version: str) -> StartVersion | None:
    """Read a version; None where it does not exist."""
    stored = store.execute("HGET", store.keys.of("start"), version) if version else None
    if stored is None:
        return None
    made_at, _, packed = stored.partition(b" ")
    return StartVersion(version, packed, int(made_at))
