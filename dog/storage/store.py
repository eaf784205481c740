"""Tenants, and the connection each storage function uses: name, secret and partitions of a tenant."""

import secrets
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
import orjson

from dog.errors import NotFound
from dog.storage.archive import NO_ARCHIVE, Archive
from dog.storage.connection import Redis, store_errors
from dog.storage.ids import clean_slug, digest, digest64, digests, tombstone
from dog.storage.keys import TENANTS, PartitionKeys, TenantKeys
from dog.storage.round_trip import Argument, Command, RoundTrip, execute
from dog.storage.schema import SCHEMA, mark_new, mark_schema

Value = TypeVar("Value")
PARTITIONS = 64
"""Partitions of a new tenant: a contact's partition is its digest modulo their number (`repartition.py`)."""
MOST_PARTITIONS = 1024
"""Partitions of a tenant with millions of contacts."""


@dataclass(frozen=True, slots=True)
class Tenant:
    """Name, secret of the id hashes, and number of partitions."""

    name: str
    secret: bytes
    partition_count: int

    @property
    def keys(self) -> TenantKeys:
        """The tenant's keys."""
        return TenantKeys(self.name)

    def contact(self, contact_id: str) -> bytes:
        """Return the digest of a contact's id: 16 bytes, used in keys and fields instead of the id."""
        return digest(self.secret, contact_id)

    def contact_and_tombstone(self, contact_id: str) -> tuple[bytes, bytes]:
        """Return the digest of a contact's id, and the tombstone that it has if it was erased."""
        hashed = digest(self.secret, contact_id)
        return hashed, tombstone(self.secret, hashed)

    def contacts(self, contact_ids: Iterable[str]) -> list[bytes]:
        """Return the digests of many contacts' ids."""
        return digests(self.secret, contact_ids)

    def partition_number(self, hashed: bytes) -> int:
        """Return the number of a digest's partition."""
        return int.from_bytes(hashed[:4], "little") % self.partition_count

    def partition_numbers(self, hashed: Sequence[bytes]) -> list[int]:
        """Return the partition numbers of digests of 16 bytes."""
        numbers: list[int] = (np.frombuffer(b"".join(hashed), "<u4")[::4] % self.partition_count).tolist()
        return numbers

    def by_partition(self, values: Iterable[tuple[bytes, Value]]) -> dict[int, list[Value]]:
        """Group values by the partitions of their digests of 16 bytes."""
        groups: dict[int, list[Value]] = {}
        pairs = list(values)
        for number, (_, value) in zip(self.partition_numbers([hashed for hashed, _ in pairs]), pairs, strict=True):
            groups.setdefault(number, []).append(value)
        return groups

    def partition(self, hashed: bytes) -> PartitionKeys:
        """Return the keys of a digest's partition."""
        return self.keys.partition(self.partition_number(hashed))

    def digest64(self, text: str) -> int:
        """Hash an id to the 64 bits that ledgers hold."""
        return digest64(self.secret, text)

    def draw(self, text: str) -> float:
        """Return a pseudo-random number in [0, 1] for a text, always the same."""
        return self.digest64(text) / 2**64


def find_tenant(redis: Redis, name: str) -> Tenant:
    """Read a tenant; raise `NotFound`, which says how to create it, if it does not exist."""
    with store_errors():
        record = redis.hget(TENANTS.decode(), clean_slug(name, "tenant"))
    if record is None:
        raise NotFound(
            f"tenant '{name}' does not exist; a tenant is created with its first key or first load: "
            f"dog --tenant {name} keys create",
            code="unknown_tenant",
        )
    fields = orjson.loads(record)
    return Tenant(name, bytes.fromhex(fields["secret"]), fields["partitions"])


def ensure_tenant(redis: Redis, name: str, partition_count: int = PARTITIONS) -> Tenant:
    """Read a tenant, or create it; if two processes create it, the first wins."""
    slug, fields = clean_slug(name, "tenant"), {"secret": secrets.token_hex(32), "partitions": partition_count}
    with store_errors():
        if not redis.hexists(TENANTS.decode(), slug):
            mark_new(redis, name)  # first: a process that finds the tenant takes data without a number for older ones
            redis.hsetnx(TENANTS.decode(), slug, orjson.dumps(fields).decode())
    return find_tenant(redis, name)


def put_tenant(redis: Redis, tenant: Tenant) -> None:
    """Write a restored tenant with its secret and partitions; its data have this release's schema."""
    mark_schema(redis, tenant.name, SCHEMA)
    write_tenant(redis, tenant)


def write_tenant(redis: Redis, tenant: Tenant) -> None:
    """Write secret and partitions of a tenant."""
    fields = {"secret": tenant.secret.hex(), "partitions": tenant.partition_count}
    with store_errors():
        redis.hset(TENANTS.decode(), clean_slug(tenant.name, "tenant"), orjson.dumps(fields).decode())


def tenant_names(redis: Redis) -> list[str]:
    """Return the names of all tenants."""
    with store_errors():
        names: list[bytes] = redis.hkeys(TENANTS.decode())  # type: ignore[assignment]  # bytes: nothing is decoded
    return sorted(name.decode() for name in names)


@dataclass(frozen=True, slots=True)
class Store:
    """A connection and the tenant that it is used for: the first argument of most storage functions."""

    redis: Redis
    tenant: Tenant
    confirmations: Sequence[Command] = ()
    """Commands that wait for a replica before feedback is answered; some under the profile `ha`."""
    ended_calls: deque[str] = field(default_factory=deque, kw_only=True, compare=False)
    """Places in `claiming` of calls of feedback that have ended, for the next (`claims.py`)."""
    load: str = field(default="", kw_only=True)
    """Id of the load for which rows are written: what they replace is noted in its journal. Empty outside of a load."""
    archive: Archive = field(default=NO_ARCHIVE, kw_only=True, compare=False)
    """Where the tenant's cold data are."""

    @property
    def keys(self) -> TenantKeys:
        """The tenant's keys."""
        return self.tenant.keys

    def execute(self, *command: Argument) -> Any:
        """Send one command and return its answer."""
        return execute(self.redis, *command)

    def run_script(
        self, name: str, keys: Sequence[bytes], arguments: Sequence[Argument], *, replicated: bool = False
    ) -> Any:
        """Run `scripts/NAME.lua`, whose keys must all belong to one partition, and return its answer."""
        trip = self.trip()
        trip.script(name, keys, arguments)
        return trip.send(replicated=replicated)[0]

    def execute_all(self, commands: Iterable[Command]) -> list[Any]:
        """Send commands together, and return their answers in order."""
        trip = self.trip()
        for command in commands:
            trip.add(*command)
        return trip.send()

    def in_partitions(self, command: str, name: str, suffix: str = "") -> list[Any]:
        """Send a command for one key of each partition, and return the answers in the order of the partitions."""
        partitions = map(self.keys.partition, range(self.tenant.partition_count))
        return self.execute_all((command, keys.of(name, suffix)) for keys in partitions)

    def trip(self) -> RoundTrip:
        """Return a new round trip."""
        return RoundTrip(self.redis, self.confirmations)
