"""RateLimits over HTTP: 429, when to come back, and what is left."""

from collections.abc import Callable
from typing import Any

from dog.api.app import create_app
from dog.services.operations.rate_limits import RateLimits
from dog.services.runtime import Runtime
from dog.storage.api_keys import SCOPES, create_key
from tests.conftest import NOW, Api, event


def limited(runtime: Runtime, per_second: int) -> Api:
    key = create_key(runtime.redis, "default", "slow", SCOPES, None, NOW, per_second)
    return Api(create_app(runtime).test_client(), key)


def test_a_key_that_asks_too_often_is_told_when_to_come_back(runtime: Runtime, api: Api, recommend: Any) -> None:
    del recommend
    slow = limited(runtime, 2)
    answers = [slow.get("/v1/jobs") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer.headers["RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
    assert answers[2].json["code"] == "rate_limited"
    assert int(answers[2].headers["Retry-After"]) >= 1
    assert answers[2].headers["RateLimit-Policy"] == '"key";q=2;w=1'
    assert answers[2].headers["RateLimit"] == '"key";r=0;t=1'
    assert api.get("/v1/jobs").status_code == 200  # another key of the same tenant


def test_lists_of_a_batch_and_tens_of_events_count_one_each(runtime: Runtime, recommend: Any) -> None:
    del recommend
    runtime.share(RateLimits(None, lambda: 1000.0))
    lists, events = limited(runtime, 10), limited(runtime, 10)
    lists.post("/v1/recommendations/batch", {"requests": [{"contact_id": "c1"}] * 40})
    events.post("/v1/feedback", {"events": [event(f"e{n}", "pitch") for n in range(400)]})

    assert lists.get("/v1/jobs").headers["Retry-After"] == "4"
    assert events.get("/v1/jobs").headers["Retry-After"] == "4"


def test_what_needs_no_key_is_not_limited(runtime: Runtime, make_api: Callable[..., Api]) -> None:
    del runtime
    answer = make_api().client.get("/health/live")

    assert "RateLimit-Limit" not in answer.headers
