"""Move a tenant to more partitions: no call of it is answered meanwhile, and a run that was stopped continues later."""

import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace

from dog.errors import Conflict, InvalidInput
from dog.services.job_lease import Lease
from dog.services.migrate_tenant import JOBS, LONGEST_CALL_SECONDS
from dog.services.runtime import SCHEMA_CHECK_SECONDS, Runtime
from dog.services.weekly.archive_weeks import split_archive
from dog.storage.audit_log import record_audit_entry
from dog.storage.connection import primaries
from dog.storage.load_records import RUNNING, list_loads
from dog.storage.migrations import store_marks
from dog.storage.repartition import move_keys, switch_tenant
from dog.storage.schema import mark_repartitioning
from dog.storage.store import Store, Tenant, find_tenant

UNFINISHED = ("cuts", "work", "replay")
"""Keys of a recompute that was stopped; their contents name partitions."""
Report = Callable[[float], None]


def repartition_tenant(
    runtime: Runtime, name: str, partition_count: int, report: Report = lambda _: None
) -> tuple[int, int]:
    """Move a tenant to more partitions; return the number before and how many keys were checked.

    Its calls are refused with 503 `being_repartitioned` from now on until it is done; those that run are given time to
    end. Files of archived weeks are split, without `DOG_ARCHIVE` on this machine.

    Raises
    ------
    InvalidInput
        The number is not a multiple of the present one.
    Conflict
        A job or a load runs, or a recompute was stopped.

    """
    store = Store(runtime.redis, find_tenant(runtime.redis, name), archive=runtime.archive_of(name))
    marks = store_marks(store)
    if marks.repartitioning is not None:  # by a run that was stopped; the tenant may have its new number already
        store = replace(store, tenant=replace(store.tenant, partition_count=marks.repartitioning[0]))
    before = store.tenant.partition_count
    _check_count(name, before, partition_count, marks.repartitioning)
    target = replace(store.tenant, partition_count=partition_count)
    with ExitStack() as stack:
        for job in JOBS:
            stack.enter_context(stack.enter_context(Lease(store, job, threading.Event())).kept())
        _check_idle(store)
        mark_repartitioning(store.redis, name, before, partition_count)
        runtime.wait(LONGEST_CALL_SECONDS + SCHEMA_CHECK_SECONDS)
        _check_idle(store)
        seen = _move(store, target, report)
    runtime.forget(name)
    record_audit_entry(store.redis, name, "tenant.repartition", str(partition_count), keys=seen)
    return before, seen


def _check_count(name: str, before: int, after: int, begun: tuple[int, int] | None) -> None:
    if begun is not None and begun[1] != after:
        raise InvalidInput(f"tenant '{name}' is being moved to {begun[1]:,} partitions; finish that first")
    if after == before:
        raise InvalidInput(f"tenant '{name}' has {before:,} partitions already")
    if after % before:
        raise InvalidInput(
            f"tenant '{name}' has {before:,} partitions, and {after:,} is not a multiple of that; a tenant only grows"
        )


def _check_idle(store: Store) -> None:
    """Raise `Conflict` where a load runs, or a recompute was stopped half-way."""
    if running := [load for load in list_loads(store) if load.state == RUNNING]:
        raise Conflict(f"load {running[0].load_id} of {running[0].file} is running; try again when it has ended")
    if store.execute("EXISTS", *map(store.keys.of, UNFINISHED)):
        raise Conflict("a recompute was stopped before its end; finish it first: dog jobs recompute")


def _move(store: Store, target: Tenant, report: Report) -> int:
    keys, seen = max(1, sum(server.dbsize() for server in primaries(store.redis))), 0
    for seen in move_keys(store, target):
        report(min(1.0, seen / keys))
    split_archive(store, target)
    switch_tenant(store, target)
    return seen
