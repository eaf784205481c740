"""Bring tenants of an older schema to this release's, when a process starts.

One process migrates a tenant while others wait. Its first write makes processes of older releases refuse the tenant:
they ask every `SCHEMA_CHECK_SECONDS`. Calls that they began before are given time to end; then nothing writes.
"""

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack

from dog.errors import Conflict
from dog.log import log
from dog.services.job_lease import Lease
from dog.services.runtime import SCHEMA_CHECK_SECONDS
from dog.storage.connection import Redis
from dog.storage.migrations import apply_migrations, store_marks
from dog.storage.schema import SCHEMA, check_schema, mark_migrated, read_marks
from dog.storage.store import Store, find_tenant, tenant_names

JOBS = ("migrate", "recompute", "archive", "versions", "meta", "steer")
"""Leases that are held meanwhile: jobs that run are waited for, and none begins."""
LONGEST_CALL_SECONDS = 30.0
POLL_SECONDS = 1.0

Wait = Callable[[float], None]


def migrate_tenants(redis: Redis, wait: Wait = time.sleep) -> None:
    """Migrate all tenants of an older schema; raise `StoreRefused` if the data of one are newer than this release."""
    names = tenant_names(redis)
    found = dict(zip(names, read_marks(redis, names), strict=True))
    for name, marks in found.items():
        if marks.schema > SCHEMA:
            check_schema(name, marks)
    for name, marks in found.items():
        if not marks.is_current and not marks.is_restoring and marks.repartitioning is None:
            _migrate(Store(redis, find_tenant(redis, name)), wait)


def _migrate(store: Store, wait: Wait) -> None:
    tenant = store.tenant.name
    with ExitStack() as stack:
        leases = [stack.push(_take_lease(store, name, wait)) for name in JOBS]
        for lease in leases:
            stack.enter_context(lease.kept())

        def report(schema: int, share: float) -> None:
            for lease in leases:
                lease.renew()
            log.info("migrating", tenant=tenant, schema=schema, percent=round(100 * share))

        marks = store_marks(store)
        if marks.is_current:  # another process did it
            return
        if marks.migrated_places is None:
            mark_migrated(store.redis, tenant, marks.schema + 1, 0)
        seconds = LONGEST_CALL_SECONDS + SCHEMA_CHECK_SECONDS
        log.info("migration_waits_for_older_processes", tenant=tenant, schema=SCHEMA, seconds=seconds)
        wait(seconds)
        apply_migrations(store, report)
        log.info("migrated", tenant=tenant, schema=SCHEMA)


def _take_lease(store: Store, name: str, wait: Wait) -> Lease:
    """Return a lease that is taken, once no other process holds it."""
    lease = Lease(store, name, threading.Event())
    while True:
        try:
            return lease.__enter__()
        except Conflict:
            log.info("migration_waits_for_job", tenant=store.tenant.name, job=name)
            wait(POLL_SECONDS)
