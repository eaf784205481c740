"""Run the recompute in a thread of the process that was asked for it over HTTP."""

import threading
from typing import Any

from dog.errors import DogError
from dog.log import log
from dog.services.job_lease import fail_job
from dog.services.runtime import Runtime
from dog.services.weekly.plan_replay import plan_replay
from dog.services.weekly.run_recompute import queued_job, read_week, run_recompute
from dog.storage.audit_log import record_audit_entry
from dog.storage.job_log import Job, put_job
from dog.storage.multiplier_versions import due_weeks


def start_recompute(
    runtime: Runtime,
    tenant: str,
    week: str | None,
    *,
    replay: bool | str | None = None,
    dry_run: bool,
    force: bool = False,
) -> Job:
    """Run the recompute in a thread of this process; return its job at once.

    Raises
    ------
    InvalidInput
        As of `run_recompute`.

    """
    store, now_ms, zone = runtime.store(tenant), runtime.clock(), runtime.settings.zone
    due_weeks(store, now_ms, zone, read_week(week))
    if isinstance(replay, str):
        plan_replay(store, read_week(replay), now_ms, zone)
    job = queued_job(now_ms, week, replay=replay, dry_run=dry_run, force=force)
    put_job(store, job)
    record_audit_entry(store.redis, tenant, "job.recompute", job.job_id, **job.parameters)
    arguments = {"replay": replay, "dry_run": dry_run, "force": force, "job": job}
    threading.Thread(target=_run_in_thread, args=(runtime, tenant, week, arguments), daemon=True).start()
    return job


def _run_in_thread(runtime: Runtime, tenant: str, week: str | None, arguments: dict[str, Any]) -> None:
    try:
        run_recompute(runtime, tenant, week, **arguments)
    except DogError as error:
        job: Job = arguments["job"]
        log.warning("job_failed", job_id=job.job_id, reason=error.message)
        fail_job(runtime, runtime.store(tenant), job, error)
