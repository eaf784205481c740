"""The schema: the number of the stored format, in the head of each tenant.

Data of a newer schema are refused; those of an older one are migrated by `migrations.py`. While a tenant is migrated or
restored its head says so, and every process refuses its calls.
"""

from collections.abc import Sequence
from typing import NamedTuple, Self

from dog.errors import StoreRefused, StoreUnavailable
from dog.storage.connection import Redis
from dog.storage.keys import TenantKeys
from dog.storage.round_trip import RoundTrip, execute

SCHEMA = 3
"""What this release writes; data without a number have schema 1. Raise it with each step of `migrations.py`."""
FIELDS = ("schema", "migrating", "restoring", "repartitioning", "partitions")


class Marks(NamedTuple):
    """What a tenant's head says of its format."""

    schema: int
    migrated_places: int | None  # of the step to that schema, while it runs or was stopped
    is_restoring: bool
    repartitioning: tuple[int, int] | None = None  # number of partitions before and after, while their keys are moved
    partition_count: int | None = None  # of a tenant that was repartitioned

    @classmethod
    def of(cls, values: Sequence[bytes | None]) -> Self:
        """Return the marks that the fields hold."""
        schema, migrating, restoring, repartitioning, partitions = values
        before, _, after = (repartitioning or b"").partition(b">")
        return cls(
            int(schema or 1),
            None if migrating is None else int(migrating),
            restoring is not None,
            (int(before), int(after)) if repartitioning else None,
            None if partitions is None else int(partitions),
        )

    @property
    def is_current(self) -> bool:
        """Whether the data are as this release writes them."""
        return self.schema == SCHEMA and self.migrated_places is None


def read_marks(redis: Redis, tenants: Sequence[str]) -> list[Marks]:
    """Read the marks of tenants, in one round trip."""
    trip = RoundTrip(redis)
    for tenant in tenants:
        trip.add("HMGET", _head(tenant), *FIELDS)
    return list(map(Marks.of, trip.send()))


def check_schema(tenant: str, marks: Marks) -> None:
    """Raise `StoreRefused` if the data are newer than this release, `StoreUnavailable` while they are not ready."""
    if marks.schema > SCHEMA:
        raise StoreRefused(
            f"the data of tenant '{tenant}' have schema {marks.schema} and this release reads schemas up to {SCHEMA}; "
            "install the release that wrote them, or restore a backup from before into another tenant",
            code="newer_schema",
        )
    if marks.is_restoring:
        raise StoreUnavailable(
            f"tenant '{tenant}' is being restored; if its restore was stopped, repeat it: dog restore FILE",
            code="being_restored",
        )
    if marks.repartitioning is not None:
        count = marks.repartitioning[1]
        raise StoreUnavailable(
            f"tenant '{tenant}' is being moved to {count:,} partitions; "
            f"if that was stopped, continue with it: dog tenants repartition {tenant} --partitions {count}",
            code="being_repartitioned",
        )
    if not marks.is_current:
        raise StoreUnavailable(
            f"the data of tenant '{tenant}' are being migrated to schema {SCHEMA}; "
            "if that was stopped, it continues with the next start: dog doctor",
            code="being_migrated",
        )


def mark_new(redis: Redis, tenant: str) -> None:
    """Record that a tenant is created with this release's schema, unless its head has one."""
    execute(redis, "HSETNX", _head(tenant), "schema", SCHEMA)


def mark_schema(redis: Redis, tenant: str, schema: int) -> None:
    """Record that all data have a schema."""
    trip = RoundTrip(redis)
    trip.add("HSET", _head(tenant), "schema", schema)
    trip.add("HDEL", _head(tenant), "migrating")
    trip.send()


def mark_migrated(redis: Redis, tenant: str, schema: int, places: int) -> None:
    """Record how many places are migrated to a schema; from the first mark on, older releases refuse the tenant."""
    execute(redis, "HSET", _head(tenant), "schema", schema, "migrating", places)


def mark_repartitioning(redis: Redis, tenant: str, before: int, after: int) -> None:
    """Record that a tenant's keys are moved to other partitions."""
    execute(redis, "HSET", _head(tenant), "repartitioning", f"{before}>{after}")


def mark_repartitioned(redis: Redis, tenant: str) -> None:
    """Record that all keys are moved."""
    execute(redis, "HDEL", _head(tenant), "repartitioning")


def begin_restore(redis: Redis, tenant: str) -> None:
    """Replace the head by the mark that the tenant is being restored."""
    trip = RoundTrip(redis)
    trip.add("DEL", _head(tenant))
    trip.add("HSET", _head(tenant), "restoring", 1)
    trip.send()


def end_restore(redis: Redis, tenant: str) -> None:
    """Remove the mark that the tenant is being restored."""
    execute(redis, "HDEL", _head(tenant), "restoring")


def _head(tenant: str) -> bytes:
    return TenantKeys(tenant).of("head")
