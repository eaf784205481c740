"""Versions of the model `start`: packed parameters by version, the active one named in the tenant's head.

Beside them is one memory of past cases: that of the newest version.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

from dog.core.policy.policy_settings import START
from dog.storage.catalogue import put_model
from dog.storage.ids import fingerprint
from dog.storage.store import Store

KEPT_VERSIONS = 8
HEAD_FIELD = "start"
MEMORY_FIELD, CHECKED_FIELD = b"memory", b"checked"


class StartVersion(NamedTuple):
    """One trained version: its name, its packed parameters, and when it was made, milliseconds since 1970."""

    name: str
    packed: bytes
    made_at_ms: int


class StoredMemory(NamedTuple):
    """A packed memory of past cases, and the version that it belongs to."""

    version: str
    packed: bytes


def put_start(store: Store, packed: bytes, record: Mapping[str, Any], now_ms: int, memory: bytes = b"") -> str:
    """Write a version and make it the active one; return its name.

    `record` describes it, as `read_models` returns it: what was proved, the spread of its scores. `memory` is the
    packed memory of past cases that belongs to it; it replaces the one before.
    """
    version, key = fingerprint(packed + memory).hex(), store.keys.of("start")
    stored = orjson.dumps(now_ms) + b" " + packed
    put_memory(store, version, memory)
    store.execute_all([("HSET", key, version, stored), ("HSET", store.keys.of("head"), HEAD_FIELD, version)])
    put_model(store, START, {**record, "version": version, "made_at_ms": now_ms})
    known: dict[bytes, bytes] = store.execute("HGETALL", key)
    for name in (MEMORY_FIELD, CHECKED_FIELD):
        known.pop(name, None)
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


def put_checked(store: Store, now_ms: int) -> None:
    """Record when it was found that nothing was bought or won since the last training."""
    store.execute("HSET", store.keys.of("start"), CHECKED_FIELD, now_ms)


def read_checked(store: Store) -> int:
    """Read what `put_checked` recorded, milliseconds since 1970; 0 where nothing was."""
    return int(store.execute("HGET", store.keys.of("start"), CHECKED_FIELD) or 0)


def put_memory(store: Store, version: str, packed: bytes) -> None:
    """Write the memory of a version in the place of the one before; an empty one leaves none."""
    key = store.keys.of("start")
    if packed:
        store.execute("HSET", key, MEMORY_FIELD, version.encode() + b" " + packed)
    else:
        store.execute("HDEL", key, MEMORY_FIELD)


def read_newest_memory(store: Store) -> StoredMemory | None:
    """Read the packed memory; None where there is none."""
    version, _, packed = (store.execute("HGET", store.keys.of("start"), MEMORY_FIELD) or b"").partition(b" ")
    return StoredMemory(version.decode(), packed) if packed else None


def read_memory_of(store: Store, version: str) -> bytes | None:
    """Read the packed memory of a version; None where it has none."""
    found = read_newest_memory(store)
    return found.packed if found and found.version == version else None
