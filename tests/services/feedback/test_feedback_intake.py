from typing import Any

import pytest

from dog.storage.store import Store
from tests.conftest import Api, event


@pytest.fixture
def sent(api: Api, loaded: Store) -> Any:
    def send(*events: dict[str, Any]) -> Any:
        answer = api.post("/v1/feedback", {"events": list(events)})
        assert answer.status_code == 200, answer.json
        return answer.json

    return send


def test_a_warning_stands_beside_the_status_of_what_was_accepted(sent: Any) -> None:
    answer = sent(event("e1", "win", "p11"), event("e2", "win"), event("e3", "fly", "p11"))

    assert [(row["status"], "warning" in row) for row in answer["results"]] == [
        ("accepted", True),
        ("accepted", False),
        ("rejected", False),
    ]


def test_waiting_events_are_counted_where_there_are_some(api: Api, sent: Any) -> None:
    before = sent(event("e1", "win", "p11"))
    api.put("/v1/settings", {"unknown": "quarantine"})
    waiting = sent(event("e2", "win", "p11"))
    loaded = api.post("/v1/products", [{"product_id": "p11"}]).json

    assert "quarantined" not in before
    assert (waiting["accepted"], waiting["quarantined"], loaded["accepted"]) == (0, 1, 1)
    assert sent(event("e2", "win", "p11"))["duplicates"] == 1


def test_an_event_filled_from_its_decision_is_answered_with_its_id(api: Api, sent: Any) -> None:
    api.post("/v1/recommendations", {"contact_id": "c1", "decision_id": "d1"})
    answer = sent({"type": "win", "decision_id": "d1", "rank": 2})

    assert [(row["event_id"], row["status"]) for row in answer["results"]] == [("d1:2:win", "accepted")]


def test_the_setting_is_one_of_three(api: Api, loaded: Store) -> None:
    assert api.put("/v1/settings", {"unknown": "ignore"}).status_code == 422
    assert api.put("/v1/settings", {"unknown": "refuse"}).json["unknown"] == "refuse"
    assert api.get("/v1/audit").json["items"][0]["act"] == "settings.change"


@pytest.mark.parametrize("given", [123, "123", 123.0])
def test_ids_of_rows_and_of_feedback_are_read_alike(api: Api, sent: Any, given: object) -> None:
    rows = api.post("/v1/contacts", [{"contact_id": given, "segment": "gold"}]).json
    answer = sent({**event("e1", "win"), "contact_id": given, "event_id": given})

    assert (rows["accepted"], answer["accepted"]) == (1, 1)
    assert answer["results"] == [{**answer["results"][0], "event_id": "123", "status": "accepted"}]
    assert "warning" not in answer["results"][0]
    assert api.post("/v1/recommendations", {"contact_id": given}).json["contact_id"] == "123"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [(True, "contact_id must be a string, not a boolean"), (1.5, "contact_id must be a string, not a number with")],
)
def test_no_door_takes_a_boolean_or_a_fraction_as_an_id(api: Api, sent: Any, given: object, sentence: str) -> None:
    row = api.post("/v1/contacts", [{"contact_id": given}]).json["results"][0]
    result = sent({**event("e1", "win"), "contact_id": given})["results"][0]
    listed = api.post("/v1/recommendations", {"contact_id": given})

    assert [found["status"] for found in (row, result)] == ["rejected"] * 2
    assert all(found["message"].startswith(sentence) for found in (row, result))
    assert sentence.removeprefix("contact_id ") in listed.json["errors"][0]["message"]


@pytest.mark.parametrize(("given", "status"), [("12.5", "accepted"), ("twelve", "rejected"), (True, "rejected")])
def test_numbers_of_rows_and_of_feedback_are_read_alike(api: Api, sent: Any, given: object, status: str) -> None:
    rows = api.post("/v1/products", [{"product_id": "p8", "value": given}]).json
    answer = sent({**event("e1", "win"), "value": given})

    assert (rows["results"][0]["status"], answer["results"][0]["status"]) == (status, status)
