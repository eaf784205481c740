"""Run the recompute in a child of the process that was asked for it over HTTP."""

from functools import partial
from typing import Any

from dog.errors import DogError, WorkerLost
from dog.log import log
from dog.services.background_job import JobThreads
from dog.services.child_process import Report, run_in_child_if_large
from dog.services.job_lease import fail_job, release_dead
from dog.services.runtime import Runtime
from dog.services.weekly.plan_replay import plan_replay
from dog.services.weekly.run_recompute import queued_job, read_week, run_recompute
from dog.storage.audit_log import record_audit_entry
from dog.storage.job_log import Job, put_job, read_job
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
    """Run the recompute in a child of this process; return its job at once.

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
    work = partial(_recompute, tenant=tenant, week=week, replay=replay, dry_run=dry_run, force=force, job=job)
    runtime.shared(JobThreads).start(_run, runtime, tenant, job, work)
    return job


def _run(runtime: Runtime, tenant: str, job: Job, work: partial[None]) -> None:
    try:
        run_in_child_if_large(runtime, tenant, work, lambda *_: None)
    except DogError as error:
        log.warning("job_failed", job_id=job.job_id, reason=error.message)
        store = runtime.store(tenant)
        if isinstance(error, WorkerLost):  # what its process has recorded, and the lease that it held
            job = read_job(store, job.job_id)
            release_dead(store, job.name)
            if job.state == "done":
                return
        fail_job(runtime, store, job, error)


def _recompute(runtime: Runtime, _report: Report, *, tenant: str, week: str | None, **options: Any) -> None:
    run_recompute(runtime, tenant, week, **options)
