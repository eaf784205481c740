"""Jobs in the history, with state and progress; and jobs in a thread of the process that was asked for them."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from dog.errors import DogError
from dog.log import log
from dog.services.job_lease import Interrupted, Lease, fail_job
from dog.services.runner import Runner, open_runner
from dog.services.runtime import Runtime
from dog.storage.audit_log import Actor, acting_name, current_actor, record_audit_entry
from dog.storage.job_log import Job, new_job_id, put_job
from dog.storage.store import Store

Report = Callable[[float, str], None]
"""Called with the share done and the current step."""
Work = Callable[[Runner, Report], Mapping[str, Any]]
"""What a job does; it returns the job's counts."""


def start_job(runtime: Runtime, tenant: str, name: str, parameters: Mapping[str, Any], work: Work) -> Job:
    """Do some work in a thread, in the name of the current actor; return its job at once.

    Of a tenant's jobs of the same name one runs at a time; a second one fails.
    """
    store = runtime.store(tenant)
    job = Job(
        job_id=new_job_id(),
        name=name,
        state="queued",
        created_at_ms=runtime.clock(),
        parameters=dict(parameters),
        by=acting_name(),
    )
    put_job(store, job)
    record_audit_entry(store.redis, tenant, f"job.{name}", job.job_id, **parameters)
    threading.Thread(target=_run, args=(runtime, store, job, work, current_actor.get()), daemon=True).start()
    return job


def _run(runtime: Runtime, store: Store, job: Job, work: Work, actor: Actor | None) -> None:
    current_actor.set(actor)  # a thread begins without
    try:
        with Lease(store, job.name, runtime.stopping) as lease, lease.kept():
            _work(runtime, store, lease, job, work)
    except DogError as error:
        log.warning("job_failed", job_id=job.job_id, reason=error.message)
        fail_job(runtime, store, job, error)


def _work(runtime: Runtime, store: Store, lease: Lease, job: Job, work: Work) -> None:
    try:
        with recorded(runtime, store, lease, job) as report, open_runner(runtime) as runner:
            job.counts.update(work(runner, report))
    except (DogError, Interrupted) as reason:
        log.warning("job_ended_early", job_id=job.job_id, reason=str(reason))
    except Exception:
        log.exception("job_failed", job_id=job.job_id)


@contextmanager
def recorded(
    runtime: Runtime, store: Store, lease: Lease, job: Job, report: Report = lambda _share, _text: None
) -> Iterator[Report]:
    """Keep a job's state, progress and counts in the history; stop between two steps if the process is to end.

    The block may fill `job.counts`; it reports by what it is given, which passes on to `report`.
    """
    job = replace(job, state="running", started_at_ms=runtime.clock(), holder=lease.holder)
    put_job(store, job)

    def watched(share: float, text: str) -> None:
        lease.renew()
        put_job(store, replace(job, progress=share))
        report(share, text)

    try:
        yield watched
    except Interrupted as stop:
        put_job(store, replace(job, state="stopped", finished_at_ms=runtime.clock(), error=str(stop)))
        raise
    except Exception as error:
        says = error.message if isinstance(error, DogError) else f"{type(error).__name__}: {error}"
        put_job(store, replace(job, state="failed", finished_at_ms=runtime.clock(), error=says))
        raise
    put_job(store, replace(job, state="done", progress=1.0, finished_at_ms=runtime.clock()))
