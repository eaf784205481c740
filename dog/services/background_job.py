"""Jobs in the history, with state and progress; and jobs in a child of the process that was asked for them."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

from dog.errors import DogError, WorkerLost
from dog.log import log
from dog.services.child_process import run_in_child
from dog.services.job_lease import Interrupted, Lease, fail_job, release_dead
from dog.services.runner import Runner, open_runner
from dog.services.runtime import Runtime
from dog.storage.audit_log import Actor, acting_name, current_actor, record_audit_entry
from dog.storage.job_log import Job, new_job_id, put_job
from dog.storage.store import Store

Report = Callable[[float, str], None]
"""Called with the share done and the current step."""
Work = Callable[[Runtime, Runner, Report], Mapping[str, Any]]
"""What a job does, a function that can be pickled; it returns the job's counts."""
STOP_SECONDS = 5.0
"""How long a process that ends waits for its jobs to be recorded as stopped."""


class JobThreads:
    """The threads of this process that wait for jobs in child processes."""

    def __init__(self) -> None:
        self._threads: list[threading.Thread] = []

    def start(self, target: Callable[..., None], *given: Any) -> None:
        """Start a thread."""
        thread = threading.Thread(target=target, args=given, daemon=True)
        self._threads = [one for one in self._threads if one.is_alive()] + [thread]
        thread.start()

    def close(self) -> None:
        """Wait until the jobs are recorded as stopped; they notice by themselves that the process ends."""
        for thread in self._threads:
            thread.join(STOP_SECONDS)


def start_job(runtime: Runtime, tenant: str, name: str, parameters: Mapping[str, Any], work: Work) -> Job:
    """Do some work in a child process, in the name of the current actor; return its job at once.

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
    runtime.shared(JobThreads).start(_run, runtime, store, job, work, current_actor.get())
    return job


def _run(runtime: Runtime, store: Store, job: Job, work: Work, actor: Actor | None) -> None:
    current_actor.set(actor)  # a thread begins without
    try:
        release_dead(store, job.name)
        with Lease(store, job.name, runtime.stopping) as lease, lease.kept():
            _work(runtime, store, lease, job, work)
    except DogError as error:
        log.warning("job_failed", job_id=job.job_id, reason=error.message)
        fail_job(runtime, store, job, error)


def _work(runtime: Runtime, store: Store, lease: Lease, job: Job, work: Work) -> None:
    try:
        with recorded(runtime, store, lease, job) as report:
            job.counts.update(_run_in_child(runtime, lease, work, report))
    except (DogError, Interrupted) as reason:
        log.warning("job_ended_early", job_id=job.job_id, reason=str(reason))
    except Exception:
        log.exception("job_failed", job_id=job.job_id)


def _run_in_child(runtime: Runtime, lease: Lease, work: Work, report: Report) -> Mapping[str, Any]:
    try:
        return run_in_child(runtime, partial(_open_runner, work=work), report)
    except WorkerLost:
        lease.renew()  # raises `Interrupted` where this process was asked to stop
        raise


def _open_runner(runtime: Runtime, report: Report, *, work: Work) -> Mapping[str, Any]:
    with open_runner(runtime) as runner:
        return work(runtime, runner, report)


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
