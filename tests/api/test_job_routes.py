from tests.conftest import Api


def test_a_recompute_is_started_and_can_be_watched(api: Api, loaded: object) -> None:
    del loaded
    started = api.post("/v1/jobs/recompute", {"dry_run": True})
    ended = api.ended(started)

    assert (started.status_code, started.json["state"]) == (202, "queued")
    assert (ended["name"], ended["state"], ended["parameters"]["dry_run"]) == ("recompute", "done", True)
    assert [job["job_id"] for job in api.get("/v1/jobs").json["items"]] == [ended["job_id"]]


def test_an_unknown_job_is_404(api: Api) -> None:
    assert api.get("/v1/jobs/job_0").json["code"] == "unknown_job"
