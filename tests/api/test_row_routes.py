import pytest

from tests.conftest import Api


def test_a_bad_row_does_not_stop_the_others(api: Api) -> None:
    answer = api.post("/v1/products", [{"product_id": "tea", "name": "Tea"}, {"product_id": ""}]).json

    assert (answer["accepted"], answer["rejected"]) == (1, 1)
    assert [row["status"] for row in answer["results"]] == ["accepted", "rejected"]


@pytest.mark.parametrize("path", ["/v1/products", "/v1/contacts", "/v1/scores"])
def test_a_body_that_is_no_row_is_refused_as_a_whole(api: Api, path: str) -> None:
    assert api.post(path, "tea").json["code"] == "not_json"


def test_too_many_rows_are_refused_as_a_whole(api: Api) -> None:
    answer = api.post("/v1/products", [{"product_id": f"p{number}"} for number in range(10_001)])

    assert (answer.status_code, answer.json["code"]) == (422, "too_many_rows")
