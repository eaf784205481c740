"""Read all keys of a tenant by type and write them again, for backups.

DUMP and RESTORE would not do: their bytes depend on the server's version, and managed servers often refuse them.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from dog.batched import batched
from dog.storage.connection import Redis, store_errors
from dog.storage.keys import REFERENCE, TenantKeys
from dog.storage.round_trip import RoundTrip
from dog.storage.store import Store
from dog.storage.stretches import read_hash, read_sets, read_zset

SCANNED = 1000
KEYS_PER_CALL = 50
FIELDS_PER_CALL = 2_000
PART_BYTES = 1 << 20
VALUE_OVERHEAD_BYTES = 100
TAG = re.compile(rb"dog:\{([^:}]+)(?::(\d+))?\}:(.+)", re.DOTALL)
EXCLUDED_CLASSES = frozenset({"lease", "fence", "work", "cuts", "replay", "late", "webhook", "cold", "filed"})
"""Classes of running jobs, of this deployment and of its archive, which a restored tenant must not have."""
WRITERS = {b"string": "SET", b"hash": "HSET", b"set": "SADD", b"zset": "ZADD"}
SUFFIX = re.compile(rb"[A-Za-z0-9_-]+")


def _kinds() -> Iterator[tuple[tuple[bool, bytes, int], bytes]]:
    """Yield the type of each kind of key that a backup may have, by level, class and number of words."""
    for pattern, kind, _, _ in REFERENCE.values():
        level, _, name = pattern.removeprefix("dog:{").partition("}:")
        words = name.split(":")
        if name and words[0] not in EXCLUDED_CLASSES:
            yield (level == "t:p", words[0].encode(), len(words)), kind.encode()


KINDS = dict(_kinds())


@dataclass(frozen=True, slots=True, kw_only=True)
class DumpedKey:
    """One key without its tenant, or a part of it."""

    partition: int | None  # None for a key of the whole tenant
    name: bytes  # the part after the hash tag
    kind: bytes  # string, hash, set or zset
    expires_ms: int  # time to live; -1 without expiry
    values: list[bytes]  # the value; fields and values; members; members and scores

    def parts(self) -> Iterator["DumpedKey"]:
        """Yield the key in parts of about a megabyte; writing one after the other writes it whole."""
        start = size = 0
        for place, value in enumerate(self.values):
            if size > PART_BYTES and place % 2 == 0:
                yield replace(self, values=self.values[start:place])
                start, size = place, 0
            size += len(value) + VALUE_OVERHEAD_BYTES
        yield replace(self, values=self.values[start:])

    @property
    def is_known(self) -> bool:
        """Whether this release has keys of that name and type."""
        word, *suffixes = self.name.split(b":")
        kind = KINDS.get((self.partition is not None, word, 1 + len(suffixes)))
        return kind == self.kind and all(map(SUFFIX.fullmatch, suffixes))


def scan_keys(redis: Redis, tenant: str) -> Iterator[bytes]:
    """Find all keys of a tenant; one may come twice."""
    with store_errors():
        yield from redis.scan_iter(match=f"dog:{{{tenant}[}}:]*", count=SCANNED)


def in_order(keys: Iterable[bytes]) -> list[bytes]:
    """Return keys sorted by partition and contact, as `dump_keys` takes them."""
    return sorted(keys, key=lambda key: (split_key(key)[0], contact_of(key), key))


def contact_of(key: bytes) -> bytes:
    """Return what the keys of one contact have in common: their last word."""
    return split_key(key)[1].rpartition(b":")[2]


def split_key(key: bytes) -> tuple[int, bytes]:
    """Return partition and name of a tenant's key; -1 where it belongs to no partition."""
    match = TAG.fullmatch(key)
    return (-1 if match is None or match[2] is None else int(match[2])), (match[3] if match else key)


def key_class(name: bytes) -> str:
    """Return the class of a key, the first word after its hash tag, if it is in `REFERENCE`, else ''."""
    word = name.split(b":", 1)[0].decode(errors="replace")
    return word if word in REFERENCE else ""


def dump_keys(store: Store, keys: Iterable[bytes]) -> Iterator[DumpedKey]:
    """Read keys, those of one contact atomically; keys deleted meanwhile are left out."""
    kept = [key for key in keys if key_class(split_key(key)[1]) not in EXCLUDED_CLASSES]
    for _, of_partition in groupby(kept, key=lambda key: split_key(key)[0]):
        waiting: list[bytes] = []
        for _, of_contact in groupby(of_partition, key=contact_of):
            waiting += of_contact
            if len(waiting) >= KEYS_PER_CALL:
                yield from _read(store, waiting)
                waiting = []
        yield from _read(store, waiting)


def _read(store: Store, keys: list[bytes]) -> Iterator[DumpedKey]:
    if not keys:
        return
    for key, (kind, expires_ms, *held) in zip(keys, store.run_script("dump_keys", keys, []), strict=True):
        if kind != b"none" and (values := held[0] if held else _read_large(store, key, kind)):
            partition, name = split_key(key)
            of = None if partition < 0 else partition
            yield DumpedKey(partition=of, name=name, kind=kind, expires_ms=int(expires_ms) or 1, values=values)


def _read_large(store: Store, key: bytes, kind: bytes) -> list[bytes]:
    """Read a key that has many entries, flat."""
    if kind == b"set":
        return next(read_sets(store, [key]))
    if kind == b"zset":
        return [value for member, score in read_zset(store, key).items() for value in (member, b"%.17g" % score)]
    return [value for field in read_hash(store, key).items() for value in field]


def write_dumped_keys(redis: Redis, tenant: str, keys: Iterable[DumpedKey]) -> None:
    """Write keys under a tenant's name, a few thousand fields a round trip."""
    tenant_of = TenantKeys(tenant)
    trip = RoundTrip(redis)
    waiting = 0
    for one in keys:
        own = f"dog:{{{tenant}}}:".encode() if one.partition is None else tenant_of.partition(one.partition).prefix
        key = own + one.name
        values = one.values
        if one.kind == b"zset":  # read as member, score; written as score, member
            values = [value for pair in zip(values[1::2], values[::2], strict=True) for value in pair]
        for start in range(0, len(values), FIELDS_PER_CALL):
            trip.add(WRITERS[one.kind], key, *values[start : start + FIELDS_PER_CALL])
        if one.expires_ms > 0:
            trip.add("PEXPIRE", key, one.expires_ms)
        waiting += len(values) + sum(map(len, values)) // 1000
        if waiting >= FIELDS_PER_CALL:
            trip.send()
            trip, waiting = RoundTrip(redis), 0
    trip.send()


def drop_keys(redis: Redis, keys: Iterable[bytes]) -> None:
    """Delete keys, some thousands a round trip."""
    for some in batched(keys, FIELDS_PER_CALL):
        trip = RoundTrip(redis)
        for key in some:
            trip.add("UNLINK", key)
        trip.send()
