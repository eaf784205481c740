"""Run the weekly recompute of every due week, under its lease and with its history; one process at a time acts."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from threadpoolctl import threadpool_limits

from dog.core.iso_weeks import format_week, parse_week, week_of
from dog.core.learning.week_changes import SPREAD_BOUNDS
from dog.errors import DogError, InvalidInput
from dog.log import log
from dog.services.job_lease import Interrupted, Lease, fail_job
from dog.services.policies.policy_store import policies_by_name
from dog.services.run_records import keep_run
from dog.services.runner import Runner, open_runner
from dog.services.runtime import Runtime
from dog.services.svg_charts import sketch_bars
from dog.services.weekly.archive_cold import warm_version
from dog.services.weekly.fit_policies import refresh_consolidation
from dog.services.weekly.plan_replay import plan_replay
from dog.services.weekly.recompute_week import WeekResult, recompute_week
from dog.storage.audit_log import acting_name, record_audit_entry
from dog.storage.job_log import Job, new_job_id, put_job
from dog.storage.multiplier_versions import due_weeks, read_weeks
from dog.storage.store import Store
from dog.storage.week_replay import Replay, abandon_replay, begin_replay

Report = Callable[[float, str], None]

ENDED_EARLY = {
    "fenced": "another process has taken over",
    "stopped": "the process was asked to stop; run it again to continue",
}
"""Outcomes of a week that was not finished here, and what they mean."""


def run_recompute(
    runtime: Runtime,
    tenant: str,
    week: str | None = None,
    *,
    replay: bool | str | None = None,
    dry_run: bool = False,
    force: bool = False,
    job: Job | None = None,
    report: Report = lambda share, text: None,  # noqa: ARG005  # the shape of Report
    processes: int = 1,
    dask: str | None = None,
) -> list[WeekResult]:
    """Replay published weeks where that is due, then publish every due week in order, up to the named one.

    Each step is recorded in the job's history. A dry run shows what the first week would change, and writes nothing.
    `report` is called with the share done, 0 to 1, and the week. The last result's outcome is `fenced` where another
    process has taken over, and `stopped` where this process was asked to end: running again continues from there.

    Parameters
    ----------
    replay
        A week: recompute the published weeks from it on. True: from the earliest that late outcomes belong to, else
        from the first with an outcome. None: as True, but only where the late outcomes exceed the tenant's share of
        all, or a killed replay is left unfinished. False: no replay, drop an unfinished one.
    force
        Publish also what the sanity gate considers unlikely; in a replay up to the named week.
    processes, dask
        Who shares the work (`open_runner`).

    Raises
    ------
    Conflict
        Another process is doing it.
    InvalidInput
        The named week is none, or has not ended; the week to replay from is not published, or archived.
    WeekHeld
        The sanity gate holds a week; those before it are published. In a replay the active version stays.

    """
    store = runtime.store(tenant)
    now_ms, zone = runtime.clock(), runtime.settings.zone
    until, asked = read_week(week), replay if isinstance(replay, bool) else read_week(replay)
    weeks, plan = due_weeks(store, now_ms, zone, until), plan_replay(store, asked, now_ms, zone)
    if dry_run and plan is None:
        weeks = weeks or [week_of(now_ms, zone)]  # nothing is due: show what the running week would change so far
    if not weeks and plan is None:
        if job is not None:
            put_job(store, replace(job, state="done", progress=1.0, finished_at_ms=now_ms, counts={"weeks": 0}))
        return []
    job = job or queued_job(now_ms, week, replay=replay, dry_run=dry_run, force=force)
    # one thread for sums: they are in one order, and threads cost more than they give
    with Lease(store, "recompute", runtime.stopping) as lease, threadpool_limits(1, "blas"):
        job = replace(job, state="running", started_at_ms=now_ms, holder=lease.holder)
        put_job(store, job)
        run = _RecomputeJob(
            runtime=runtime, store=store, lease=lease, job=job, report=report, dry_run=dry_run, force=force, until=until
        )
        try:
            with open_runner(runtime, processes=processes, dask=dask) as runner:
                if not dry_run:  # another process may have published and replayed before this one had the lease
                    published = max(read_weeks(store), default=0)
                    weeks = [number for number in weeks if number > published]
                    plan = plan_replay(store, asked, now_ms, zone)
                    _store_plan(store, plan)
                results = list(run.each_week(plan, weeks, runner))
        except DogError as error:
            fail_job(runtime, store, job, error)
            raise
        put_job(store, _finished(job, results, len(weeks) + (len(plan.weeks) if plan else 0), runtime.clock()))
    if not dry_run:
        _keep_runs(runtime, tenant, results, now_ms, force=force)
    return results


def _store_plan(store: Store, plan: Replay | None) -> None:
    """Store a new plan, or drop one that is not gone on with."""
    if plan is None:
        abandon_replay(store)
    elif not plan.done:
        begin_replay(store, plan)


@dataclass(frozen=True, slots=True, kw_only=True)
class _RecomputeJob:
    """One run of the job: its lease, its entry in the history, its options."""

    runtime: Runtime
    store: Store
    lease: Lease
    job: Job
    report: Report
    dry_run: bool
    force: bool
    until: int | None

    def each_week(self, plan: Replay | None, weeks: Sequence[int], runner: Runner) -> Iterator[WeekResult]:
        """Replay week after week, then recompute the due ones, until one ends early."""
        replayed = plan.weeks if plan else []
        every = [*replayed, *weeks]
        if not every:
            return
        try:
            self._prepare(plan, runner)
        except Interrupted as interrupted:
            yield self._ended_early(every[0], interrupted)
            return
        for done, number in enumerate(every[:1] if self.dry_run else every):
            replay = plan if done < len(replayed) else None
            result = self._one_week(number, self._checkpoint(done, len(every), format_week(number)), runner, replay)
            yield result
            if result.outcome in ENDED_EARLY:
                break
            if replay is not None and not self.dry_run:
                plan = replay.after(number, result.version)
                self._record_replay(plan, number)

    def _record_replay(self, plan: Replay, week: int) -> None:
        if week == plan.last:
            span = f"{format_week(plan.first)}..{format_week(week)}"
            record_audit_entry(
                self.store.redis, self.store.tenant.name, "multipliers.replay", plan.done[week], weeks=span
            )

    def _one_week(
        self, number: int, checkpoint: Callable[[float], None], runner: Runner, replay: Replay | None
    ) -> WeekResult:
        policies = policies_by_name(self.store)
        try:
            checkpoint(0.0)
            return recompute_week(
                self.store,
                policies,
                number,
                zone=self.runtime.settings.zone,
                now_ms=self.runtime.clock(),
                token=self.lease.token,
                dry_run=self.dry_run,
                force=self.force and (replay is None or self.until is None or number <= self.until),
                checkpoint=checkpoint,
                runner=runner,
                replay=replay,
            )
        except Interrupted as interrupted:
            return self._ended_early(number, interrupted)

    def _prepare(self, plan: Replay | None, runner: Runner) -> None:
        """Fit policies to the scores and outcomes of today, and bring back the version that a replay continues from."""
        if not self.dry_run:
            lease = self.lease
            refresh_consolidation(runner, self.store, self.runtime.clock(), edge=lambda _: lease.renew())
        if plan is not None and plan.previous is not None:
            warm_version(self.runtime, self.store, plan.previous)

    def _ended_early(self, number: int, interrupted: Interrupted) -> WeekResult:
        log.warning(interrupted.outcome, job_id=self.job.job_id, reason=str(interrupted))
        return WeekResult(week=format_week(number), outcome=interrupted.outcome, counts={})

    def _checkpoint(self, done: int, weeks: int, week: str) -> Callable[[float], None]:
        """Return what is called after every few partitions: it renews the lease, or stops the run, and reports."""

        def checkpoint(share: float) -> None:
            self.lease.renew()
            progress = min(1.0, (done + share) / weeks)
            put_job(self.store, replace(self.job, progress=round(progress, 4)))
            self.report(progress, week)

        return checkpoint


def _keep_runs(runtime: Runtime, tenant: str, results: list[WeekResult], started_ms: int, *, force: bool) -> None:
    """Record the weeks that were published; `data` is the version, whose name hashes the input."""
    names = [f"≤ {bound:g}" for bound in SPREAD_BOUNDS] + [f"> {SPREAD_BOUNDS[-1]:g}"]
    for result in results:
        if result.outcome not in ENDED_EARLY:
            classes = dict(zip(names, result.spread, strict=True))
            keep_run(
                runtime,
                tenant,
                "recompute",
                started_ms=started_ms,
                settings={"week": result.week, "replay": result.outcome == "replayed", "force": force},
                data=result.version,
                metrics=result.counts,
                outcome=f"{result.week} {result.outcome}",
                files={"spread.svg": sketch_bars(f"{result.week}: pairs by multiplier", classes)},
            )


def _finished(job: Job, results: list[WeekResult], weeks: int, now_ms: int) -> Job:
    done = [result for result in results if result.outcome not in ENDED_EARLY]
    last = done[-1] if done else None
    counts = {
        "weeks": len(done),
        "replayed": sum(result.outcome == "replayed" for result in done),
        **(last.counts if last else {}),
        "last_week": last.week if last else None,
    }
    if len(done) == len(results):
        return replace(job, state="done", progress=1.0, finished_at_ms=now_ms, counts=counts)
    error, progress = ENDED_EARLY[results[-1].outcome], round(len(done) / weeks, 4)
    return replace(job, state="stopped", progress=progress, finished_at_ms=now_ms, counts=counts, error=error)


def queued_job(now_ms: int, week: str | None, *, replay: bool | str | None, dry_run: bool, force: bool) -> Job:
    """Return a job that has not begun."""
    parameters = {"week": week, "replay": replay, "dry_run": dry_run, "force": force}
    return Job(
        job_id=new_job_id(),
        name="recompute",
        state="queued",
        created_at_ms=now_ms,
        parameters=parameters,
        by=acting_name(),
    )


def read_week(week: str | None) -> int | None:
    """Return the number of a named week; raise `InvalidInput` if it is none."""
    try:
        return None if week is None else parse_week(week)
    except ValueError as error:
        raise InvalidInput(str(error)) from None
