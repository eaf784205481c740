"""Runs over HTTP."""

from dog.api.read_response_schemas import RunShownSchema
from dog.services.run_records import keep_run
from dog.services.runtime import Runtime
from tests.conftest import Api


def test_runs_are_listed_newest_first_read_and_compared(api: Api, runtime: Runtime) -> None:
    ids = []
    for data in ("d1", "d2"):
        runtime.clock.now_ms += 1000  # type: ignore[attr-defined]  # the tests' clock
        ids.append(
            keep_run(runtime, "default", "tune", started_ms=0, settings={}, data=data, metrics={"m": 1.0}).run_id
        )

    assert [run["run_id"] for run in api.get("/v1/runs").json["items"]] == ids[::-1]
    shown = api.get(f"/v1/runs/{ids[0]}").json
    assert shown["at"] == "2026-11-20T12:00:01.000+00:00"
    assert set(shown) == set(RunShownSchema().fields)
    assert api.get(f"/v1/runs/{ids[0]}/compare/{ids[1]}").json["inputs"] == {"data": ["d1", "d2"]}
    assert api.get("/v1/runs/nope").json["code"] == "unknown_run"
