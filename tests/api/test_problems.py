from time import process_time
from typing import Any

import orjson
import pytest

from dog.api.problems import STATUSES, status_of
from dog.errors import DogError, InvalidPolicy, NotFound
from tests.conftest import Api


def test_an_error_without_an_entry_has_the_status_of_its_base() -> None:
    assert InvalidPolicy not in STATUSES
    assert status_of(InvalidPolicy("bad")) == 422


@pytest.mark.parametrize("kind", STATUSES, ids=lambda kind: kind.__name__)
def test_every_status_is_one_of_an_error(kind: type[DogError]) -> None:
    assert 400 <= STATUSES[kind] <= 503


def test_a_problem_has_every_member_of_the_one_body(api: Api) -> None:
    answer = api.post("/v1/recommendations", {"contact_id": "c1", "k": 0, "foo": 1})

    assert answer.mimetype == "application/problem+json"
    assert set(answer.json) == {"type", "title", "status", "detail", "code", "request_id", "errors"}
    assert {fault["pointer"]: fault["code"] for fault in answer.json["errors"]} == {
        "/k": "invalid_value",
        "/foo": "unknown_field",
    }


def test_a_missing_key_is_told_how_to_authenticate(api: Api) -> None:
    answer = api.client.get("/v1/audit")

    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="dog"')
    assert status_of(NotFound("gone")) == 404


@pytest.mark.parametrize(
    "body",
    [
        {f"n{number:05}": 1 for number in range(95_000)},
        {"contact_id": "c1", "candidates": [{} for _ in range(300_000)]},
        {"contact_id": "c1", "candidates": [{} for _ in range(10_000)]},
        {"contact_id": "c1", "context": {f"n{number:05}": 1 for number in range(90_000)}},
        {"contact_id": "c1", "candidates": [{"product_id": "p", "scores": {}} for _ in range(10_000)]},
        {"contact_id": "c1", "candidates": [{f"n{number:05}": 1 for number in range(90_000)}]},
        {"contact_id": "c1", "exclude": [0.5] * 200_000},
        {"x" * 1_000_000: 1},
    ],
    ids=["names", "candidates", "empty", "context", "twice", "nested", "exclude", "long"],
)
def test_a_large_body_with_many_faults_is_refused_fast_with_the_first_hundred(api: Api, body: dict[str, Any]) -> None:
    content = orjson.dumps(body)
    began = process_time()
    answer = api.post("/v1/recommendations", data=content, content_type="application/json")
    took = process_time() - began

    assert answer.status_code == 422
    assert 1 <= len(answer.json["errors"]) <= 100
    assert len(answer.data) < 50_000
    assert took < 3
