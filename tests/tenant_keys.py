"""All keys of a small tenant, for tests."""

from dog.storage.connection import Redis
from dog.storage.tenant_dump import in_order, scan_keys


def tenant_keys(redis: Redis, tenant: str) -> list[bytes]:
    """Return all keys of a tenant, in the order of `dump_keys`."""
    return in_order(set(scan_keys(redis, tenant)))
