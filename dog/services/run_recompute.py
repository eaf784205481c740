"""Run the weekly recompute: under its lease, with its history; several may try, one acts."""

import os
import secrets
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Self

import structlog

from dog.core.weeks import format_week, parse_week, week_of
from dog.errors import Conflict, DogError, InvalidInput, StoreError
from dog.services.calibrate import calibrate_models
from dog.services.house import House
from dog.services.policies import active_reinforcements, default_policy
from dog.services.recompute import WeekResult, due_weeks, recompute_week
from dog.storage.job_log import Job, new_job_id, put_job, renew_lease, take_lease
from dog.storage.store import Store

LEASE_MS = 30_000

log = structlog.get_logger()
Report = Callable[[float, str], None]


def run_recompute(
    house: House,
    tenant: str,
    week: str | None = None,
    *,
    dry_run: bool = False,
    job: Job | None = None,
    report: Report = lambda share, text: None,  # noqa: ARG005  # the shape of Report
) -> list[WeekResult]:
    """Publish every due week in order, up to the named one; each step kept in the job's history.

    Raises
    ------
    Conflict
        Another process is doing it.
    InvalidInput
        The named week is none, or has not ended.

    """
    store = house.store(tenant)
    now_ms, zone = house.clock(), house.settings.zone
    until = _read_week(week)
    weeks = due_weeks(store, now_ms, zone, until)
    if dry_run and not weeks:
        weeks = [week_of(now_ms, zone)]  # nothing is due: show what the running week would do so far
    if not weeks:
        if job is not None:
            put_job(store, _finished(job, now_ms, {"weeks": 0}))
        return []
    job = job or Job(new_job_id(), "recompute", "queued", now_ms, parameters={"week": week, "dry_run": dry_run})
    with _Lease(store, "recompute") as lease:
        job = job.changed(state="running", started_at_ms=now_ms)
        put_job(store, job)
        results: list[WeekResult] = []
        try:
            for done, number in enumerate(weeks):
                lease.renew()
                report(done / len(weeks), format_week(number))
                reinforcements = active_reinforcements(store)
                result = recompute_week(
                    store, reinforcements, number, zone, house.clock(), lease.token, dry_run=dry_run
                )
                results.append(result)
                put_job(store, job.changed(progress=(done + 1) / len(weeks)))
                if result.outcome == "fenced":
                    log.warning("fenced", week=result.week, reason="a later holder of the lease took over")
                    break
                if dry_run:
                    break
            if not dry_run:
                calibrate_models(store, default_policy(store))
            report(1.0, results[-1].week)
        except DogError as error:
            with suppress(StoreError):
                put_job(store, job.changed(state="failed", finished_at_ms=house.clock(), error=error.message))
            raise
        counts = {"weeks": len(results), **results[-1].counts, "last_week": results[-1].week}
        put_job(store, _finished(job, house.clock(), counts))
    return results


def _finished(job: Job, now_ms: int, counts: dict[str, Any]) -> Job:
    return job.changed(state="done", progress=1.0, finished_at_ms=now_ms, counts=counts)


def _read_week(week: str | None) -> int | None:
    if week is None:
        return None
    try:
        return parse_week(week)
    except ValueError as error:
        raise InvalidInput(str(error)) from None


class _Lease:
    """The right to run a job, for a while at a time."""

    def __init__(self, store: Store, name: str) -> None:
        self._store, self._name = store, name
        self._holder = f"{socket.gethostname()}:{os.getpid()}:{threading.get_ident()}:{secrets.token_hex(4)}"
        self.token = 0

    def __enter__(self) -> Self:
        token = take_lease(self._store, self._name, self._holder, LEASE_MS)
        if token is None:
            raise Conflict(f"{self._name} is running in another process; see: python -m jobs list", code="job_running")
        self.token = token
        return self

    def renew(self) -> None:
        renew_lease(self._store, self._name, self._holder, LEASE_MS)

    def __exit__(self, *_: object) -> None:
        with suppress(StoreError):
            renew_lease(self._store, self._name, self._holder, 0)


def start_recompute(house: House, tenant: str, week: str | None, *, dry_run: bool) -> Job:
    """Run the recompute in a thread of this process, and answer at once with its job.

    Raises
    ------
    InvalidInput
        The named week is none, or has not ended.

    """
    store = house.store(tenant)
    due_weeks(store, house.clock(), house.settings.zone, _read_week(week))
    parameters = {"week": week, "dry_run": dry_run}
    job = Job(new_job_id(), "recompute", "queued", house.clock(), parameters=parameters)
    put_job(store, job)
    arguments = {"dry_run": dry_run, "job": job}
    threading.Thread(target=_run_quietly, args=(house, tenant, week, arguments), daemon=True).start()
    return job


def _run_quietly(house: House, tenant: str, week: str | None, arguments: dict[str, Any]) -> None:
    try:
        run_recompute(house, tenant, week, **arguments)
    except DogError as error:
        job: Job = arguments["job"]
        log.warning("job_failed", job_id=job.job_id, reason=error.message)
        with suppress(StoreError):
            put_job(
                house.store(tenant),
                job.changed(state="failed", finished_at_ms=house.clock(), error=error.message),
            )
