from typing import Any

import pytest

from dog.services.runtime import Runtime
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.store import Store
from tests.conftest import Api, Clock, event


@pytest.fixture
def published(api: Api, loaded: Store, runtime: Runtime, clock: Clock) -> None:
    """Publish two weeks in which every contact was pitched every product once, c1 winning all."""
    events = []
    for contact in ("c1", "c2", "c3"):
        for product in ("p1", "p2", "p3", "p4"):
            pitch = event(f"{contact}{product}", "pitch", product, contact)
            end = event(f"{contact}{product}x", "win" if contact == "c1" else "loss", product, contact)
            events += [pitch, end]
    api.post("/v1/feedback", {"events": events})
    clock.set("2026-12-01T00:00:00")
    run_recompute(runtime, "default")


def pairs(page: Any) -> list[tuple[str, str]]:
    return [(row["contact_id"], row["product_id"]) for row in page["items"]]


@pytest.mark.parametrize("limit", [1, 3, 5, 1000])
def test_pages_of_any_size_show_every_pair_once(api: Api, published: None, limit: int) -> None:
    found: list[tuple[str, str]] = []
    cursor = ""
    while True:
        page = api.get(f"/v1/multipliers?limit={limit}{cursor}").json
        assert len(page["items"]) <= limit
        found += pairs(page)
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"

    assert len(found) == len(set(found)) == 12


def test_pairs_are_found_by_contact_and_product(api: Api, published: None) -> None:
    assert pairs(api.get("/v1/multipliers?contact_id=c1&product_id=p2").json) == [("c1", "p2")]
    assert len(pairs(api.get("/v1/multipliers?product_id=p2").json)) == 3
    assert pairs(api.get("/v1/multipliers?contact_id=nobody").json) == []


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "cursor=abc", "limit=1001"])
def test_a_bad_page_is_refused(api: Api, published: None, query: str) -> None:
    assert api.get(f"/v1/multipliers?{query}").status_code == 422


@pytest.mark.parametrize("limit", [1, 2, 100])
def test_pages_of_versions_show_each_once_newest_first(api: Api, published: None, limit: int) -> None:
    found: list[str] = []
    cursor = ""
    while True:
        page = api.get(f"/v1/multipliers/versions?limit={limit}{cursor}").json
        found += [version["week"] for version in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"

    assert found == ["2026-W48", "2026-W47"]
    assert api.get("/v1/multipliers/versions?cursor=v0").status_code == 422


def test_rolling_back_acts_on_the_next_request_and_forward_again(api: Api, published: None) -> None:
    versions = api.get("/v1/multipliers/versions").json["items"]
    newest, older = versions[0]["version"], versions[1]["version"]
    api.post(f"/v1/multipliers/versions/{older}/activate")
    rolled_back = api.post("/v1/recommendations", {"contact_id": "c1"}).json["multiplier_version"]
    api.post(f"/v1/multipliers/versions/{newest}/activate")

    assert rolled_back == older
    assert api.post("/v1/recommendations", {"contact_id": "c1"}).json["multiplier_version"] == newest
    assert api.post("/v1/multipliers/versions/none/activate").status_code == 404


def test_a_recompute_started_over_http_ends_in_the_history(api: Api, loaded: Store) -> None:
    started = api.post("/v1/jobs/recompute", {})
    job = api.ended(started)

    assert started.status_code == 202
    assert (job["state"], job["progress"]) == ("done", 1.0)
    assert api.get("/v1/jobs").json["items"][0]["job_id"] == started.json["job_id"]


def test_a_week_that_has_not_ended_is_refused(api: Api, loaded: Store) -> None:
    answer = api.post("/v1/jobs/recompute", {"week": "2026-W47"})

    assert answer.status_code == 422
    assert "has not ended" in answer.json["detail"]


@pytest.mark.parametrize("week", ["2026-W54", "last", "2026-46"])
def test_what_is_no_week_is_refused(api: Api, loaded: Store, week: str) -> None:
    assert api.post("/v1/jobs/recompute", {"week": week}).status_code == 422
