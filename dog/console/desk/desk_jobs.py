"""The desk's jobs and health check: started here, shown while they run."""

from flask import Blueprint, render_template

from dog.console.job_words import STATES, is_under_way, seconds_taken
from dog.console.session import require, runtime, tenant
from dog.console.texts import _, number
from dog.errors import DogError
from dog.services.background_tasks import BackgroundResults
from dog.services.operations.doctor import run_doctor
from dog.services.weekly.start_recompute import start_recompute
from dog.storage.job_log import Job, list_jobs

MOST_JOBS = 8
MOST_COUNTS = 6

routes = Blueprint("desk_jobs", __name__)


@routes.get("/desk/jobs")
def show_jobs() -> str:
    """Show the last jobs."""
    require("read")
    jobs = list_jobs(runtime().store(tenant()))[:MOST_JOBS]
    running = any(is_under_way(job) for job in jobs)
    results = {job.job_id: _results(job) for job in jobs}
    return render_template("desk_jobs.html", jobs=jobs, running=running, states=STATES, results=results)


@routes.post("/desk/recompute")
def recompute() -> str:
    """Start the recompute of all due weeks; a second one at the same time finds nothing to do."""
    require("admin")
    start_recompute(runtime(), tenant(), None, dry_run=False)
    return show_jobs()


@routes.post("/desk/check")
def start_check() -> str:
    """Start the health check."""
    require("admin")
    _start()
    return show_check()


@routes.get("/desk/check")
def show_check() -> str:
    """Show the findings, or that the check runs."""
    require("admin")
    found, running = runtime().shared(BackgroundResults).result((tenant(), "doctor"))
    if found is None and not running:  # another worker was asked first: check in this one too
        _start()
        running = True
    if running or isinstance(found, DogError):
        fault = found.message if found else ""
        return render_template("desk_check.html", running=running, fault=fault, findings=[])
    return render_template("desk_check.html", running=False, findings=sorted(found, key=lambda one: one.ok))


def _start() -> None:
    the_runtime, the_tenant = runtime(), tenant()
    the_runtime.shared(BackgroundResults).start((the_tenant, "doctor"), lambda: run_doctor(the_runtime, the_tenant))


def _results(job: Job) -> list[str]:
    """Return how long a job took, and its first counts."""
    seconds = seconds_taken(job)
    taken = [] if seconds is None else [_("%(seconds)s seconds", seconds=number(seconds, "#,##0.0"))]
    counts = [(name, count) for name, count in job.counts.items() if isinstance(count, int)]
    return [*taken, *(f"{name} {number(count)}" for name, count in counts[:MOST_COUNTS])]
