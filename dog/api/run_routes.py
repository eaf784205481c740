"""/v1/runs: what was computed from what, and what came of it."""

from datetime import UTC, datetime
from typing import Any

from flask import Response, g

from dog.api.read_response_schemas import RunComparison, RunShown, RunsShown
from dog.api.request_guard import answer, needs, runtime
from dog.api.routing import routes as make_routes
from dog.services.run_records import compare_runs
from dog.storage.run_log import Run, list_runs, read_run

routes = make_routes("runs", "Records of trainings, recomputes, tunings, proofs and publications")


@routes.route("/runs", methods=["GET"])
@routes.documents(answers=RunsShown)
@needs("read")
def get_runs() -> Response:
    """List the kept runs, newest first."""
    return answer({"items": [_present(run) for run in list_runs(runtime().store(g.tenant))]})


@routes.route("/runs/<run_id>", methods=["GET"])
@routes.documents(answers=RunShown, problems=(404,))
@needs("read")
def get_run(run_id: str) -> Response:
    """Read one run: settings, code, data, seed, metrics, outcome, names of its files."""
    return answer(_present(read_run(runtime().store(g.tenant), run_id)))


@routes.route("/runs/<run_id>/compare/<other_id>", methods=["GET"])
@routes.documents(answers=RunComparison, problems=(404,))
@needs("read")
def get_comparison(run_id: str, other_id: str) -> Response:
    """Say where two runs differ, in what they were given and in what they found."""
    return answer(compare_runs(runtime(), g.tenant, run_id, other_id))


def _present(run: Run) -> dict[str, Any]:
    shown = run.to_document()
    at = datetime.fromtimestamp(shown.pop("at_ms") / 1000, UTC)
    return {**shown, "at": at.isoformat(timespec="milliseconds")}
