"""The log: one line a request with who, what and how long; no secrets, no line that somebody else wrote."""

import io
import sys
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
import structlog

from dog.config import read_settings
from dog.process_setup import configure_log
from dog.services.runtime import Runtime
from tests.conftest import Api

HOSTILE = 'x\n{"event": "forged", "level": "info"}\r\n\x1b[2J\x00\u2028\x85\udc80'


@pytest.fixture(params=["json", "console"])
def written(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Catch what the service writes."""
    out = io.StringIO()
    monkeypatch.setattr(sys, "stderr", out)
    configure_log(read_settings({"DOG_LOG_FORMAT": request.param}))
    yield out
    structlog.contextvars.clear_contextvars()
    structlog.reset_defaults()


@pytest.mark.parametrize("written", ["json"], indirect=True)
def test_a_request_is_one_line_with_its_id_tenant_key_route_status_and_time(
    runtime: Runtime, recommend: Any, api: Api, written: io.StringIO
) -> None:
    del runtime
    recommend()
    api.get("/health/live")
    api.get("/v1/decisions/none")
    lines = [orjson.loads(line) for line in written.getvalue().splitlines()]

    assert [(line["event"], line["route"], line["status"]) for line in lines] == [
        ("request", "/v1/recommendations", 200),
        ("request", "/v1/decisions/<path:decision_id>", 404),
    ]
    assert set(lines[0]) == {
        *("event", "level", "timestamp", "request_id", "tenant", "key_id", "method", "route", "status", "ms"),
    }
    assert lines[0]["tenant"] == "default"
    assert 0 < lines[0]["ms"] < 10_000


@pytest.mark.parametrize("written", ["json"], indirect=True)
def test_a_refused_key_is_logged_by_the_id_it_claims_and_never_whole(api: Api, written: io.StringIO) -> None:
    refused = Api(api.client, "dog_0123456789ab_secret").get("/v1/jobs")
    [line] = [orjson.loads(line) for line in written.getvalue().splitlines()]

    assert (refused.status_code, line["status"], line["claimed_key_id"]) == (401, 401, "0123456789ab")
    assert "secret" not in written.getvalue()


def test_what_a_client_sends_forges_no_line_and_no_key_is_written(
    api: Api, written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError(f"{HOSTILE} {api.key} redis://dog:s3cret@host:6379")

    monkeypatch.setattr("dog.api.recommendation_routes.recommend", fail)
    answer = api.post(
        "/v1/recommendations", {"contact_id": "c1"}, headers={"X-Request-Id": "a\tb", "User-Agent": api.key}
    )
    structlog.get_logger().warning(
        "note", actor=HOSTILE, key=api.key, more={"in": [HOSTILE, api.key]}, long="a" * 10**6
    )
    text = written.getvalue()

    assert answer.status_code == 500
    assert answer.json["request_id"] in text
    assert not [line for line in text.splitlines() if line.lstrip("\x1b[0m").startswith(('{"event": "forged"', "x"))]
    assert api.key not in text
    assert api.key.split("_", 2)[2] not in text
    assert "s3cret" not in text
    assert len(text) < 60_000
    assert not set("\x00\x85\u2028\r") & set(text)


@pytest.mark.parametrize("written", ["json"], indirect=True)
def test_every_line_of_the_json_log_is_one_object(
    api: Api, written: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dog.api.recommendation_routes.recommend", lambda *_: int("x"))
    api.post("/v1/recommendations", {"contact_id": "c1"})
    structlog.get_logger().error(HOSTILE, value=HOSTILE)
    lines = [orjson.loads(line) for line in written.getvalue().split("\n") if line]

    assert [line["level"] for line in lines] == ["error", "info", "error"]
    assert lines[0]["request_id"] == lines[1]["request_id"]
    assert "ValueError" in lines[0]["exception"]
