from typing import Any

from tests.conftest import Api


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
