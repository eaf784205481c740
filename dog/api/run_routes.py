"""/v1/runs: records of trainings, recomputes, tunings, proofs and publications."""

from dataclasses import asdict
from typing import Any

from flask import Response, g

from dog.api.read_response_schemas import RunComparisonSchema, RunShownSchema, RunsShownSchema
from dog.api.request_guard import answer, runtime
from dog.api.routing import Routes
from dog.core.iso_weeks import iso_time
from dog.services.run_records import compare_runs
from dog.storage.run_log import Run, list_runs, read_run

routes = Routes("runs", "Records of trainings, recomputes, tunings, proofs and publications")


@routes.endpoint("GET", "/v1/runs", scope="read", answers=RunsShownSchema)
def get_runs() -> Response:
    """List the kept runs, newest first."""
    return answer({"items": [_present(run) for run in list_runs(runtime().store(g.tenant))]})


@routes.endpoint("GET", "/v1/runs/<run_id>", scope="read", answers=RunShownSchema, problems=(404,))
def get_run(run_id: str) -> Response:
    """Read one run: settings, code, data, seed, metrics, outcome, names of its files."""
    return answer(_present(read_run(runtime().store(g.tenant), run_id)))


@routes.endpoint(
    "GET", "/v1/runs/<run_id>/compare/<other_id>", scope="read", answers=RunComparisonSchema, problems=(404,)
)
def get_comparison(run_id: str, other_id: str) -> Response:
    """Compare the inputs and the metrics of two runs."""
    return answer(compare_runs(runtime(), g.tenant, run_id, other_id))


def _present(run: Run) -> dict[str, Any]:
    shown = asdict(run)
    at_ms = shown.pop("at_ms")
    return {**shown, "at": iso_time(at_ms)}
