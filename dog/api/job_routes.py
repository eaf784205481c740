"""/v1/jobs: start the weekly recompute, watch jobs."""

from typing import Any

from flask import Response, g

from dog.api.door import answer, house, needs, takes
from dog.api.routing import routes as make_routes
from dog.api.schemas import RecomputeRequest
from dog.services.run_recompute import start_recompute
from dog.storage.job_log import list_jobs, read_job

routes = make_routes("jobs", "The weekly recompute and its history")


@routes.route("/jobs/recompute", methods=["POST"])
@routes.documents(RecomputeRequest)
@needs("admin")
@takes(RecomputeRequest)
def post_recompute(asked: dict[str, Any]) -> Response:
    """Start the recompute of every due week, up to the named one."""
    job = start_recompute(house(), g.tenant, asked["week"], dry_run=asked["dry_run"])
    started = answer({"job_id": job.job_id, "state": job.state}, 202)
    started.headers["Location"] = f"/v1/jobs/{job.job_id}"
    return started


@routes.route("/jobs", methods=["GET"])
@routes.documents()
@needs("read")
def get_jobs() -> Response:
    """List the kept jobs, newest first."""
    return answer({"items": [job.to_document() for job in list_jobs(house().store(g.tenant))]})


@routes.route("/jobs/<job_id>", methods=["GET"])
@routes.documents(problems=(404,))
@needs("read")
def get_job(job_id: str) -> Response:
    """Read one job: state, progress, counts, duration, error."""
    return answer(read_job(house().store(g.tenant), job_id).to_document())
