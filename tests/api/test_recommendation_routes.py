import math
from typing import Any

import pytest

from dog.storage.store import Store
from tests.conftest import Api, event


def product_ids(decision: dict[str, Any]) -> list[str]:
    return [item["product_id"] for item in decision["items"]]


def score_of(decision: dict[str, Any], product_id: str) -> float:
    return next(item["score"] for item in decision["items"] if item["product_id"] == product_id)


def multiplied(factors: dict[str, Any]) -> float:
    score = factors["consolidated"] * factors["performance"]["multiplier"]
    for name in ("streak", "discomfort", "market", "business", "clamp"):
        score *= factors[name]
    return score * math.prod(rule["factor"] for rule in factors["rules"])


def test_options_are_ranked_by_the_models(recommend: Any) -> None:
    assert product_ids(recommend()) == ["p1", "p2", "p3", "p4"]


def test_factors_multiply_to_the_score(recommend: Any, api: Api) -> None:
    api.post("/v1/feedback", {"events": [event("e1", "accept", "p2"), event("e2", "pitch", "p1")]})
    for item in recommend(explain="full")["items"]:
        assert multiplied(item["factors"]) == pytest.approx(item["score"], rel=1e-9)


def test_by_win_rates_the_multiplier_is_curve_exploration_and_step(recommend: Any, api: Api) -> None:
    api.post("/v1/feedback", {"events": [event("e1", "accept", "p2"), event("e2", "pitch", "p1")]})
    for item in recommend(explain="full", policy="published")["items"]:
        performance = item["factors"]["performance"]
        curve = performance["arm"] if performance["drm"] is None else performance["drm"]

        assert multiplied(item["factors"]) == pytest.approx(item["score"], rel=1e-9)
        assert curve * performance["explore"] * performance["step"] == pytest.approx(
            performance["multiplier"], rel=1e-9
        )


def test_a_discard_takes_the_item_out_of_the_very_next_list(recommend: Any, api: Api) -> None:
    answer = api.post("/v1/feedback", {"events": [event("e1", "discard", "p1")]})
    effect = answer.json["results"][0]["effect"]

    assert effect["multiplier_after"] < effect["multiplier_before"]
    assert product_ids(recommend()) == ["p2", "p3", "p4"]
    assert recommend(explain="full")["excluded"][0]["rule_id"] == "snooze"


def test_three_accepts_raise_an_item(recommend: Any, api: Api) -> None:
    before = score_of(recommend(), "p2")
    api.post("/v1/feedback", {"events": [event(f"e{n}", "accept", "p2") for n in range(3)]})

    assert score_of(recommend(), "p2") > before * 1.1


def test_k_items_come_out_or_all_there_are(recommend: Any) -> None:
    assert len(recommend(k=3)["items"]) == 3
    assert len(recommend(k=1000)["items"]) == 4
    assert product_ids(recommend(k=3, exclude=["p1"])) == ["p2", "p3", "p4"]


def test_the_same_decision_id_gives_the_same_bytes_and_counts_no_second_lap(api: Api, loaded: Store) -> None:
    body = {"contact_id": "c1", "decision_id": "d1"}
    first = api.post("/v1/recommendations", body)
    api.post("/v1/feedback", {"events": [event("e1", "discard", "p1")]})
    again = api.post("/v1/recommendations", body)
    fresh = api.post("/v1/recommendations", {"contact_id": "c1"})

    assert again.data == first.data
    assert (first.json["lap"], fresh.json["lap"]) == (1, 2)


def test_the_same_decision_id_with_another_body_is_a_conflict(api: Api, loaded: Store) -> None:
    api.post("/v1/recommendations", {"contact_id": "c1", "decision_id": "d1"})
    answer = api.post("/v1/recommendations", {"contact_id": "c2", "decision_id": "d1"})

    assert (answer.status_code, answer.json["code"]) == (409, "decision_id_conflict")


def test_a_dry_run_counts_no_lap_and_keeps_nothing(api: Api, recommend: Any) -> None:
    dry = recommend(dry_run=True)

    assert recommend()["lap"] == dry["lap"] == 1
    assert api.get(f"/v1/decisions/{dry['decision_id']}").status_code == 404


def test_a_decision_can_be_read_back(api: Api, recommend: Any) -> None:
    served = recommend(explain="full")

    assert api.get(f"/v1/decisions/{served['decision_id']}?explain=full").json == served


def test_inline_candidates_need_no_loaded_contact(api: Api, store: Store) -> None:
    candidates = [
        {"product_id": "x1", "scores": {"cf": 0.2}},
        {"product_id": "x2", "scores": {"cf": 0.7, "frequency": 0.9}},
    ]
    answer = api.post("/v1/recommendations", {"contact_id": "nobody", "candidates": candidates})

    assert product_ids(answer.json) == ["x2", "x1"]
    assert any("churn" in note for note in answer.json["notes"])


def test_a_missing_model_is_said_so(recommend: Any) -> None:
    assert any("'churn' has no score" in note for note in recommend()["notes"])


def test_an_unknown_contact_without_candidates_is_404(api: Api, loaded: Store) -> None:
    answer = api.post("/v1/recommendations", {"contact_id": "nobody"})

    assert (answer.status_code, answer.json["code"]) == (404, "unknown_contact")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"contact_id": "c1", "k": 0}, "/k"),
        ({"contact_id": "c1", "k": "3"}, "/k"),
        ({"contact_id": "c1", "k": True}, "/k"),
        ({"k": 3}, "/contact_id"),
        ({"contact_id": "c\u0000"}, "/contact_id"),
        ({"contact_id": "c1", "tenant": "other"}, "/tenant"),
        ({"contact_id": "c1", "candidates": [{"product_id": "p", "scores": {}}] * 2}, "/candidates"),
        (
            {"contact_id": "c1", "candidates": [{"product_id": "p", "scores": {"cf": "1"}}]},
            "/candidates/0/scores/cf/value",
        ),
    ],
)
def test_bad_input_is_refused_with_its_place(api: Api, loaded: Store, body: dict[str, Any], pointer: str) -> None:
    answer = api.post("/v1/recommendations", body)

    assert answer.status_code == 422
    assert pointer in [fault["pointer"] for fault in answer.json["errors"]]


def test_a_batch_answers_each_request_by_itself(api: Api, loaded: Store) -> None:
    requests = [{"contact_id": "c1"}, {"contact_id": "nobody"}, {"contact_id": "c2", "k": 0}]
    results = api.post("/v1/recommendations/batch", {"requests": requests}).json["results"]

    assert "decision" in results[0]
    assert [result["error"]["status"] for result in results[1:]] == [404, 422]


def test_the_channel_follows_the_contact_and_gives_way_to_a_discard(recommend: Any, api: Api) -> None:
    assert recommend()["items"][0]["attributes"]["channel"] == "call"

    reason = {"trigger": "discomfort", "attribute": "channel", "attribute_value": "call"}
    api.post("/v1/feedback", {"events": [event("e1", "discard", "p1", reason=reason)]})
    items = recommend()["items"]

    assert {item["attributes"]["channel"] for item in items} == {"email"}
    assert "p1" not in [item["product_id"] for item in items]  # every discard rests its pair
