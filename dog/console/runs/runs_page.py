"""The page of runs: start an evaluation or a search, follow it, list the runs by kind."""

from importlib.util import find_spec
from typing import Any

from flask import Blueprint, render_template, request

from dog.console.job_words import STATES, is_under_way
from dog.console.policy_requests import names_of_policies
from dog.console.runs import run_page, shadow_page
from dog.console.runs.run_words import KINDS, kind_name, main_figures
from dog.console.session import require, runtime, tenant
from dog.console.texts import _
from dog.console.whole_number import whole_number
from dog.errors import InvalidInput
from dog.extras import install_extra
from dog.offline.evaluation.evaluate_in_background import JOB as EVALUATE
from dog.offline.evaluation.evaluate_in_background import evaluate_in_background
from dog.offline.proof.prove_in_background import JOB as PROVE
from dog.offline.tuning.tune_in_background import JOB as TUNE
from dog.offline.tuning.tune_in_background import tune_in_background
from dog.storage.job_log import Job, list_jobs
from dog.storage.run_log import list_runs

PAGE_ROWS = 25
MOST_WEEKS = 520
STARTED_HERE = (EVALUATE, TUNE, PROVE)
"""Jobs that the console starts and that leave a run."""

routes = Blueprint("runs", __name__)
for part in (run_page.routes, shadow_page.routes):
    routes.register_blueprint(part)


@routes.context_processor
def _words() -> dict[str, Any]:
    return {"kinds": KINDS, "kind_name": kind_name, "main_figures": main_figures, "states": STATES}


@routes.get("/runs")
def show() -> str:
    """Show the page."""
    require("read")
    return render_template(
        "runs.html",
        policies=names_of_policies(),
        can_tune=find_spec("optuna") is not None,
        install_tune=install_extra("tune"),
        **_jobs(),
        **_runs(),
    )


@routes.get("/runs/jobs")
def show_jobs() -> str:
    """Show the jobs, and the runs that they have left once all have ended."""
    require("read")
    jobs = _jobs()
    return render_template("runs_jobs.html", swap=not jobs["running"], **jobs, **_runs())


@routes.post("/runs/evaluate")
def evaluate() -> str:
    """Start an evaluation of a policy."""
    require("admin")
    evaluate_in_background(runtime(), tenant(), request.form.get("policy", ""), refit_weeks=_weeks())
    return show_jobs()


@routes.post("/runs/tune")
def tune() -> str:
    """Start a search of a policy's settings."""
    require("admin")
    tune_in_background(runtime(), tenant(), request.form.get("policy", ""), held_out_weeks=_weeks())
    return show_jobs()


def _weeks() -> int:
    given = request.form.get("weeks", "")
    weeks = whole_number(given)
    if weeks is None or not 1 <= weeks <= MOST_WEEKS:
        message = _("weeks is “%(given)s”; give a whole number from 1 to %(most)s", given=given[:20], most=MOST_WEEKS)
        raise InvalidInput(message)
    return weeks


def _jobs() -> dict[str, Any]:
    """Return the last job of each name, and those under way."""
    last: dict[str, Job] = {}
    for job in list_jobs(runtime().store(tenant())):
        if job.name in STARTED_HERE:
            last.setdefault(job.job_id if is_under_way(job) else job.name, job)
    jobs = sorted(last.values(), key=lambda job: job.created_at_ms, reverse=True)
    return {"jobs": jobs, "running": any(is_under_way(job) for job in jobs)}


def _runs() -> dict[str, Any]:
    """Return the runs of the page that the request asks for: of a kind, after the newest `after`."""
    kind, after = request.args.get("kind", ""), whole_number(request.args.get("after", "")) or 0
    every = list_runs(runtime().store(tenant()))
    chosen = [run for run in every if kind in ("", run.kind)]
    return {
        "runs": chosen[after : after + PAGE_ROWS],
        "kind": kind,
        "after": after,
        "older": after + PAGE_ROWS if len(chosen) > after + PAGE_ROWS else None,
        "of_kinds": [one for one in KINDS if any(run.kind == one for run in every)],
    }
