"""Run the weekly recompute: under its lease, with its history; several may try, one acts."""

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import structlog

from dog.core.iso_weeks import format_week, parse_week, week_of
from dog.errors import DogError, InvalidInput, StoreError
from dog.services.job_lease import Interrupted, Lease
from dog.services.policies.policy_store import active_reinforcements, default_policy
from dog.services.run_records import keep_run
from dog.services.runtime import Runtime
from dog.services.svg_charts import sketch_bars
from dog.services.weekly.calibrate_models import calibrate_models
from dog.services.weekly.due_weeks import due_weeks
from dog.services.weekly.movement import SPREAD_BOUNDS
from dog.services.weekly.recompute_week import WeekResult, recompute_week
from dog.services.weekly.worker_pool import ALONE, Crew
from dog.storage.audit_log import record_audit_entry
from dog.storage.job_log import Job, new_job_id, put_job
from dog.storage.store import Store
from dog.storage.versions import read_weeks

log = structlog.get_logger()
Report = Callable[[float, str], None]

ENDED_EARLY = {
    "fenced": "another process has taken over",
    "stopped": "the process was asked to stop; run it again to go on",
}
"""Outcomes of a week that was not finished here, and what they mean."""


def run_recompute(
    runtime: Runtime,
    tenant: str,
    week: str | None = None,
    *,
    dry_run: bool = False,
    force: bool = False,
    job: Job | None = None,
    report: Report = lambda share, text: None,  # noqa: ARG005  # the shape of Report
    processes: int = 1,
) -> list[WeekResult]:
    """Publish every due week in order, up to the named one; each step kept in the job's history.

    Parameters
    ----------
    runtime, tenant
        Whose multipliers.
    week
        The last week to publish, such as `2026-W46`; None for the last that has ended.
    dry_run
        Show what the first due week would move; write nothing.
    force
        Publish also what the sanity gate holds to be unlikely.
    job
        The entry in the history to go on with.
    report
        Told the share done, 0 to 1, and the week.
    processes
        How many processes share the partitions; this one, which leads, is one of them.

    Returns
    -------
    The weeks worked on. The last one's outcome is `fenced` where another process has taken over, and
    `stopped` where this process was asked to end: running again goes on from there.

    Raises
    ------
    Conflict
        Another process is doing it.
    InvalidInput
        The named week is none, or has not ended.
    Held
        The sanity gate holds a week; those before it are published.

    """
    store = runtime.store(tenant)
    now_ms, zone = runtime.clock(), runtime.settings.zone
    until = _read_week(week)
    weeks = due_weeks(store, now_ms, zone, until)
    if dry_run and not weeks:
        weeks = [week_of(now_ms, zone)]  # nothing is due: show what the running week would do so far
    if not weeks:
        if job is not None:
            put_job(store, job.changed(state="done", progress=1.0, finished_at_ms=now_ms, counts={"weeks": 0}))
        return []
    job = job or _queued_job(now_ms, week, dry_run=dry_run, force=force)
    with Lease(store, "recompute", runtime.stopping) as lease:
        job = job.changed(state="running", started_at_ms=now_ms, holder=lease.holder)
        put_job(store, job)
        if not dry_run:
            weeks = _still_due(store, weeks)
        try:
            with _crew(runtime, tenant, processes) as crew:
                results = _each_week(runtime, store, job, lease, weeks, report, crew, dry_run=dry_run, force=force)
            if not dry_run:
                calibrate_models(store, default_policy(store))
        except DogError as error:
            with suppress(StoreError):
                put_job(store, job.changed(state="failed", finished_at_ms=runtime.clock(), error=error.message))
            raise
        put_job(store, _finished(job, results, len(weeks), runtime.clock()))
    if not dry_run:
        _keep(runtime, tenant, results, now_ms, force=force)
    return results


def _crew(runtime: Runtime, tenant: str, processes: int) -> Crew:
    if processes == 1 or runtime.redis_url is None:
        return ALONE
    return Crew.muster(runtime.redis_url, tenant, processes)


def _still_due(store: Store, weeks: list[int]) -> list[int]:
    """Leave out what another process has published meanwhile."""
    published = read_weeks(store)
    return [number for number in weeks if number > max(published, default=0)]


def _keep(runtime: Runtime, tenant: str, results: list[WeekResult], started_ms: int, *, force: bool) -> None:
    """Record the weeks that were published; a version is named by a hash of all that went into it."""
    for result in results:
        if result.outcome not in ENDED_EARLY:
            keep_run(
                runtime,
                tenant,
                "recompute",
                started_ms=started_ms,
                settings={"week": result.week, "force": force},
                data=result.version,
                metrics=result.counts,
                outcome=f"{result.week} {result.outcome}",
                files={"spread.svg": sketch_bars(f"{result.week}: pairs by multiplier", _classes(result.spread))},
            )


def _classes(spread: Sequence[int]) -> dict[str, float]:
    """Name the classes of a spread by their upper bounds."""
    names = [f"≤ {bound:g}" for bound in SPREAD_BOUNDS] + [f"> {SPREAD_BOUNDS[-1]:g}"]
    return dict(zip(names, spread, strict=True))


def _each_week(
    runtime: Runtime,
    store: Store,
    job: Job,
    lease: Lease,
    weeks: list[int],
    report: Report,
    crew: Crew,
    *,
    dry_run: bool,
    force: bool,
) -> list[WeekResult]:
    results: list[WeekResult] = []
    zone = runtime.settings.zone
    for done, number in enumerate(weeks[:1] if dry_run else weeks):
        edge = _edge(store, job, lease, report, done, len(weeks), format_week(number))
        policies = active_reinforcements(store)
        try:
            edge(0.0)
            now_ms, token = runtime.clock(), lease.token
            result = recompute_week(
                store, policies, number, zone, now_ms, token, dry_run=dry_run, force=force, edge=edge, crew=crew
            )
        except Interrupted as interrupted:
            log.warning(interrupted.outcome, job_id=job.job_id, reason=str(interrupted))
            result = WeekResult(format_week(number), "", interrupted.outcome, {})
        results.append(result)
        if result.outcome in ENDED_EARLY:
            break
    return results


def _finished(job: Job, results: list[WeekResult], weeks: int, now_ms: int) -> Job:
    done = [result for result in results if result.outcome not in ENDED_EARLY]
    last = done[-1] if done else None
    counts = {"weeks": len(done), **(last.counts if last else {}), "last_week": last.week if last else None}
    if len(done) == len(results):
        return job.changed(state="done", progress=1.0, finished_at_ms=now_ms, counts=counts)
    return job.changed(
        state="stopped",
        progress=round(len(done) / weeks, 4),
        finished_at_ms=now_ms,
        counts=counts,
        error=ENDED_EARLY[results[-1].outcome],
    )


def _edge(
    store: Store, job: Job, lease: Lease, report: Report, done: int, weeks: int, week: str
) -> Callable[[float], None]:
    """Make what is called at every partition's edge: keep the lease, tell how far, stop where asked to."""

    def edge(share: float) -> None:
        lease.renew()
        progress = min(1.0, (done + share) / weeks)
        put_job(store, job.changed(progress=round(progress, 4)))
        report(progress, week)

    return edge


def _queued_job(now_ms: int, week: str | None, *, dry_run: bool, force: bool) -> Job:
    parameters = {"week": week, "dry_run": dry_run, "force": force}
    return Job(job_id=new_job_id(), name="recompute", state="queued", created_at_ms=now_ms, parameters=parameters)


def _read_week(week: str | None) -> int | None:
    if week is None:
        return None
    try:
        return parse_week(week)
    except ValueError as error:
        raise InvalidInput(str(error)) from None


def start_recompute(runtime: Runtime, tenant: str, week: str | None, *, dry_run: bool, force: bool = False) -> Job:
    """Run the recompute in a thread of this process, and answer at once with its job.

    Raises
    ------
    InvalidInput
        The named week is none, or has not ended.

    """
    store = runtime.store(tenant)
    due_weeks(store, runtime.clock(), runtime.settings.zone, _read_week(week))
    job = _queued_job(runtime.clock(), week, dry_run=dry_run, force=force)
    put_job(store, job)
    record_audit_entry(store.redis, tenant, "job.recompute", job.job_id, **job.parameters)
    arguments = {"dry_run": dry_run, "force": force, "job": job}
    threading.Thread(target=_run_quietly, args=(runtime, tenant, week, arguments), daemon=True).start()
    return job


def _run_quietly(runtime: Runtime, tenant: str, week: str | None, arguments: dict[str, Any]) -> None:
    try:
        run_recompute(runtime, tenant, week, **arguments)
    except DogError as error:
        job: Job = arguments["job"]
        log.warning("job_failed", job_id=job.job_id, reason=error.message)
        with suppress(StoreError):
            put_job(
                runtime.store(tenant),
                job.changed(state="failed", finished_at_ms=runtime.clock(), error=error.message),
            )
