from typing import Any

import pytest

from dog.storage.store import Store
from tests.conftest import Api, event


def statuses(answer: Any) -> list[str]:
    return [result["status"] for result in answer.json["results"]]


def test_an_event_is_accepted_once_and_a_duplicate_after(api: Api, loaded: Store) -> None:
    one = {"events": [event("e1", "pitch")]}

    assert statuses(api.post("/v1/feedback", one)) == ["accepted"]
    assert statuses(api.post("/v1/feedback", one)) == ["duplicate"]


@pytest.mark.parametrize(
    "change",
    [
        {"type": "win"},
        {"product_id": "p2"},
        {"contact_id": "c2"},
        {"occurred_at": "2026-11-01T00:00:00Z"},
        {"value": 3.0},
        {"actor_id": "rep"},
    ],
)
def test_the_same_id_with_another_body_is_a_conflict(api: Api, loaded: Store, change: dict[str, Any]) -> None:
    api.post("/v1/feedback", {"events": [event("e1", "pitch")]})
    answer = api.post("/v1/feedback", {"events": [{**event("e1", "pitch"), **change}]})

    assert statuses(answer) == ["rejected"]
    assert answer.json["results"][0]["code"] == "event_id_conflict"


def test_another_spelling_of_the_same_instant_is_a_duplicate(api: Api, loaded: Store) -> None:
    api.post("/v1/feedback", {"events": [event("e1", "pitch")]})
    elsewhere = {**event("e1", "pitch"), "occurred_at": "2026-11-20T12:00:00.000+01:00"}

    assert statuses(api.post("/v1/feedback", {"events": [elsewhere]})) == ["duplicate"]


def test_one_bad_event_never_fails_the_others(api: Api, loaded: Store) -> None:
    events = [event("e1", "pitch"), event("e2", "fly"), {"event_id": "e3"}, event("e4", "win"), 7]
    answer = api.post("/v1/feedback", {"events": events})

    assert statuses(answer) == ["accepted", "rejected", "rejected", "accepted", "rejected"]
    assert (answer.json["accepted"], answer.json["rejected"]) == (2, 3)
    assert "must be one of" in answer.json["results"][1]["message"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"occurred_at": "2026-11-20T12:06:00Z"}, "future_event"),
        ({"occurred_at": "2026-11-20T11:00:00"}, "invalid_event"),
        ({"occurred_at": "yesterday"}, "invalid_event"),
        ({"occurred_at": "2026-02-30T11:00:00Z"}, "invalid_event"),
        ({"product_id": ""}, "invalid_id"),
        ({"colour": "red"}, "unknown_field"),
        ({"reason": {"trigger": "market"}}, "invalid_event"),
        ({"value": "twelve"}, "invalid_event"),
    ],
)
def test_a_bad_event_is_refused_with_a_stable_code(api: Api, loaded: Store, change: dict[str, Any], code: str) -> None:
    result = api.post("/v1/feedback", {"events": [{**event("e1", "pitch"), **change}]}).json["results"][0]

    assert (result["status"], result["code"].replace("invalid_input", "invalid_id")) == ("rejected", code)


def test_a_retracted_event_leaves_no_trace_in_the_list(api: Api, recommend: Any) -> None:
    before = recommend(dry_run=True)["items"]
    api.post("/v1/feedback", {"events": [event("e1", "discard", "p1")]})
    retracted = api.post("/v1/feedback/e1/retract")

    assert retracted.json["status"] == "retracted"
    assert recommend(dry_run=True)["items"] == before
    assert statuses(api.post("/v1/feedback", {"events": [event("e1", "discard", "p1")]})) == ["duplicate"]


def test_retracting_an_unknown_event_is_404(api: Api, loaded: Store) -> None:
    assert api.post("/v1/feedback/e9/retract").status_code == 404


def test_feedback_on_a_product_never_loaded_is_not_lost(api: Api, loaded: Store) -> None:
    assert statuses(api.post("/v1/feedback", {"events": [event("e1", "win", "brand-new", "new-contact")]})) == [
        "accepted"
    ]


def test_a_restructured_channel_is_answered_with_the_same_product_by_the_other(api: Api, loaded: Store) -> None:
    replace = {"attribute": "channel", "from": "call", "to": "email"}
    body = {"events": [event("e1", "restructure", replace=replace)], "substitute": True}
    substitute = api.post("/v1/feedback", body).json["results"][0]["substitute"]

    assert (substitute["product_id"], substitute["attributes"]["channel"]) == ("p1", "email")


def test_a_discarded_product_is_answered_with_another(api: Api, loaded: Store) -> None:
    body = {"events": [event("e1", "discard")], "substitute": True}

    assert api.post("/v1/feedback", body).json["results"][0]["substitute"]["product_id"] == "p2"


def test_more_than_a_thousand_events_are_refused_whole(api: Api, loaded: Store) -> None:
    events = [event(f"e{n}", "pitch") for n in range(1001)]

    assert api.post("/v1/feedback", {"events": events}).status_code == 422


def test_market_discards_of_one_category_act_from_the_third_on(api: Api, recommend: Any) -> None:
    reason = {"reason": {"trigger": "market"}}
    before = {item["product_id"]: item["score"] for item in recommend("c3")["items"]}
    events = [event(f"e{n}", "discard", "p1", "c2", actor_id=f"rep{n}", **reason) for n in range(4)]
    api.post("/v1/feedback", {"events": events})
    gold = recommend("c1", explain="full")["items"]
    iron = {item["product_id"]: item["score"] for item in recommend("c3")["items"]}
    market = {item["product_id"]: item["factors"]["market"] for item in gold}

    assert market["p1"] == market["p2"] < 1
    assert market["p3"] == 1
    assert iron["p1"] < before["p1"]  # three different actors: the whole tenant
    assert iron["p3"] == before["p3"]
