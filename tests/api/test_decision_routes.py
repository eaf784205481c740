from pathlib import Path
from typing import Any

import pytest

from dog.services.runtime import Runtime
from dog.services.weekly.archive_weeks import archive
from dog.storage.store import Store
from tests.cold_data import age_decisions, break_archive, use_archive
from tests.conftest import Api


@pytest.fixture
def archived(api: Api, recommend: Any, runtime: Runtime, archive_root: str) -> Any:  # it serves lists
    """Archive a decision; what was answered."""
    made = recommend("c1", k=2, decision_id="old", explain="full")
    store = use_archive(runtime, archive_root)
    age_decisions(store)
    archive(runtime, "default")
    return made


def test_a_decision_is_read_as_it_was_made(api: Api, recommend: Any) -> None:
    made = recommend("c1", k=2, decision_id="first", explain="full")
    read = api.get("/v1/decisions/first").json

    assert {name: read[name] for name in ("decision_id", "items")} == {"decision_id": "first", "items": made["items"]}


def test_the_first_reason_why_a_product_is_not_on_the_list_is_told(api: Api, recommend: Any) -> None:
    recommend("c1", k=1, decision_id="first")

    assert api.get("/v1/decisions/first?why_not=p1").json["stage"] == "recommended"
    assert api.get("/v1/decisions/first?why_not=p4").json["stage"] == "rank"
    assert api.get("/v1/decisions/first?why_not=nope").json["stage"] == "options"


def test_a_decision_that_is_not_kept_is_404(api: Api) -> None:
    answer = api.get("/v1/decisions/nope")

    assert (answer.status_code, answer.json["code"]) == (404, "unknown_decision")


def test_explain_is_one_of_its_values(api: Api, recommend: Any) -> None:
    recommend("c1", decision_id="first")

    assert api.get("/v1/decisions/first?explain=all").status_code == 422


def test_an_archived_decision_is_read_explained_and_repeated_as_before(
    api: Api, recommend: Any, archived: Any, store: Store
) -> None:
    body = {"contact_id": "c1", "k": 2, "decision_id": "old", "explain": "full"}

    assert api.get("/v1/decisions/old").json["items"] == archived["items"]
    assert api.get("/v1/decisions/old?why_not=p4").json["stage"] == "rank"
    assert api.post("/v1/recommendations", body).json == archived
    assert api.post("/v1/recommendations", {**body, "k": 3}).status_code == 409
    assert list(store.redis.scan_iter(match="*}:decision:*")) == []


def test_while_the_archive_is_away_lists_and_feedback_go_on(
    api: Api, archived: Any, runtime: Runtime, tmp_path: Path
) -> None:
    break_archive(runtime, tmp_path)
    events: list[dict[str, Any]] = [
        {"event_id": "e1", "type": "pitch", "contact_id": "c1", "product_id": "p1", "decision_id": "old"},
        {"event_id": "e2", "type": "pitch", "contact_id": "c1", "product_id": "p1"},
        {"type": "win", "decision_id": "old", "rank": 1},
    ]
    for one in events:
        one["occurred_at"] = "2026-11-20T10:00:00Z"

    read = api.get("/v1/decisions/old")
    repeated = api.post("/v1/recommendations", {"contact_id": "c1", "k": 2, "decision_id": "old"})
    new = api.post("/v1/recommendations", {"contact_id": "c1", "k": 2, "decision_id": "new"})
    results = api.post("/v1/feedback", {"events": events}).json["results"]

    for answer in (read, repeated):
        assert (answer.status_code, answer.json["code"]) == (503, "archive_unavailable")
        assert "Retry-After" in answer.headers
    assert new.status_code == 200
    assert [result.get("code") for result in results] == ["archive_unavailable", None, "archive_unavailable"]
    assert results[2]["event_id"] == "old:1:win"


def test_feedback_by_an_archived_decision_is_filled_and_scored(api: Api, archived: Any) -> None:
    events = [{"type": kind, "decision_id": "old", "rank": 1} for kind in ("pitch", "win")]

    answer = api.post("/v1/feedback", {"events": events}).json

    assert answer["accepted"] == 2
    exported = api.get("/v1/contacts/export?contact_id=c1").json
    assert {event["product_id"] for event in exported["events"]} == {archived["items"][0]["product_id"]}
    assert [decision["decision_id"] for decision in exported["decisions"]] == ["old"]
