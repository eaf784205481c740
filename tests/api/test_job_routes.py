import pytest

from dog.storage.store import Store
from tests.conftest import Api, Clock, event


def test_a_recompute_is_started_and_can_be_watched(api: Api, loaded: object) -> None:
    del loaded
    started = api.post("/v1/jobs/recompute", {"dry_run": True})
    ended = api.ended(started)

    assert (started.status_code, started.json["state"]) == (202, "queued")
    assert (ended["name"], ended["state"], ended["parameters"]["dry_run"]) == ("recompute", "done", True)
    assert [job["job_id"] for job in api.get("/v1/jobs").json["items"]] == [ended["job_id"]]


def test_an_unknown_job_is_404(api: Api) -> None:
    assert api.get("/v1/jobs/job_0").json["code"] == "unknown_job"


def test_published_weeks_are_replayed_on_demand(api: Api, loaded: Store, clock: Clock) -> None:
    api.post("/v1/feedback", {"events": [event("e1", "pitch", occurred_at="2026-11-03T09:00:00Z")]})
    api.ended(api.post("/v1/jobs/recompute"))
    late = event("e2", "pitch", "p2", occurred_at="2026-11-10T09:00:00Z")
    told = api.post("/v1/feedback", {"events": [late, event("e3", "pitch"), event("e4", "accept", "p3")]}).json
    from_week = api.ended(api.post("/v1/jobs/recompute", {"replay": "2026-W46", "dry_run": False}))
    from_first = api.ended(api.post("/v1/jobs/recompute", {"replay": True}))
    none = api.ended(api.post("/v1/jobs/recompute", {"replay": False}))
    versions = api.get("/v1/multipliers/versions").json["items"]

    assert told["in_published_weeks"] == 1
    assert (from_week["parameters"]["replay"], from_week["counts"]["replayed"]) == ("2026-W46", 1)
    assert (from_first["parameters"]["replay"], from_first["counts"]["replayed"]) == (True, 2)
    assert none["counts"]["weeks"] == 0
    assert {version["replayed"] for version in versions if version["active"]} == {True}


@pytest.mark.parametrize("replay", ["soon", "2026-W46", 1, 0.5, [], "true"])
def test_a_replay_of_what_is_no_published_week_is_refused(api: Api, loaded: Store, replay: object) -> None:
    assert api.post("/v1/jobs/recompute", {"replay": replay}).status_code == 422
    assert api.get("/v1/jobs").json["items"] == []
