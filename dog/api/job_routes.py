"""/v1/jobs: start the weekly recompute, read the state of jobs."""

from dataclasses import asdict
from typing import Any

from flask import Response, g

from dog.api.read_response_schemas import JobStartedSchema, JobStateSchema, JobStatesSchema
from dog.api.request_guard import answer, runtime, takes
from dog.api.request_schemas import RecomputeRequestSchema
from dog.api.routing import Routes
from dog.core.iso_weeks import iso_time
from dog.storage.job_log import Job, list_jobs, read_job

routes = Routes("jobs", "The weekly recompute and its history")


@routes.endpoint(
    "POST",
    "/v1/jobs/recompute",
    scope="admin",
    body=RecomputeRequestSchema,
    answers=JobStartedSchema,
    status=202,
    problems=(409,),
)
@takes(RecomputeRequestSchema)
def post_recompute(asked: dict[str, Any]) -> Response:
    """Start the recompute of every due week, up to the named one, after a replay of published weeks if it is due."""
    from dog.services.weekly.start_recompute import start_recompute  # noqa: PLC0415  # saves a thirtieth of the start

    job = start_recompute(
        runtime(), g.tenant, asked["week"], replay=asked["replay"], dry_run=asked["dry_run"], force=asked["force"]
    )
    return answer({"job_id": job.job_id, "state": job.state}, 202, {"Location": f"/v1/jobs/{job.job_id}"})


@routes.endpoint("GET", "/v1/jobs", scope="read", answers=JobStatesSchema)
def get_jobs() -> Response:
    """List the kept jobs, newest first."""
    return answer({"items": [_present(job) for job in list_jobs(runtime().store(g.tenant))]})


@routes.endpoint("GET", "/v1/jobs/<job_id>", scope="read", answers=JobStateSchema, problems=(404,))
def get_job(job_id: str) -> Response:
    """Read one job: state, progress, counts, duration, error."""
    return answer(_present(read_job(runtime().store(g.tenant), job_id)))


def _present(job: Job) -> dict[str, Any]:
    """Return a job with ISO times and its duration."""
    shown = asdict(job)
    for name in ("created_at", "started_at", "finished_at"):
        at_ms = shown.pop(f"{name}_ms")
        shown[name] = None if at_ms is None else iso_time(at_ms)
    took_ms = (job.finished_at_ms or 0) - (job.started_at_ms or 0)
    shown["duration_seconds"] = took_ms / 1000 if job.started_at_ms and job.finished_at_ms else None
    return shown
