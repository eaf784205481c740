"""The log: one line a request with who, what and how long; no secrets, no line that somebody else wrote."""

import logging
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dog.config import read_settings
from dog.log import configure_log, log
from dog.log_format import as_json, as_text, make_safe
from dog.services.runtime import Runtime
from tests.conftest import NOW, Api

HOSTILE = 'x\n{"event": "forged", "level": "info"}\r\n\x1b[2J\x00\u2028\x85\udc80'


class Written:
    """What the service has written to stderr."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys, self._text = capsys, ""

    def text(self) -> str:
        self._text += self._capsys.readouterr().err
        return self._text


@pytest.fixture(params=["json", "console"])
def written(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> Iterator[Written]:
    """Catch what the service writes."""
    configure_log(read_settings({"DOG_LOG_FORMAT": request.param}))
    yield Written(capsys)
    log.configure(logging.INFO, as_text)


@pytest.mark.parametrize("written", ["json"], indirect=True)
def test_a_request_is_one_line_with_its_id_tenant_key_route_status_and_time(
    runtime: Runtime, recommend: Any, api: Api, written: Written
) -> None:
    del runtime
    recommend()
    api.get("/health/live")
    api.get("/v1/decisions/none")
    lines = [orjson.loads(line) for line in written.text().splitlines()]

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
def test_a_refused_key_is_logged_by_the_id_it_claims_and_never_whole(api: Api, written: Written) -> None:
    refused = Api(api.client, "dog_0123456789ab_secret").get("/v1/jobs")
    [line] = [orjson.loads(line) for line in written.text().splitlines()]

    assert (refused.status_code, line["status"], line["claimed_key_id"]) == (401, 401, "0123456789ab")
    assert "secret" not in written.text()


def test_what_a_client_sends_forges_no_line_and_no_key_is_written(
    api: Api, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError(f"{HOSTILE} {api.key} redis://dog:s3cret@host:6379")

    monkeypatch.setattr("dog.api.list_route.recommend", fail)
    answer = api.post(
        "/v1/recommendations", {"contact_id": "c1"}, headers={"X-Request-Id": "a\tb", "User-Agent": api.key}
    )
    log.warning("note", actor=HOSTILE, key=api.key, more={"in": [HOSTILE, api.key]}, long="a" * 10**6)
    text = written.text()

    assert answer.status_code == 500
    assert answer.json["request_id"] in text
    assert not [line for line in text.splitlines() if line.lstrip("\x1b[0m").startswith(('{"event": "forged"', "x"))]
    assert api.key not in text
    assert api.key.split("_", 2)[2] not in text
    assert "s3cret" not in text
    assert len(text) < 60_000
    assert not set("\x00\x85\u2028\r") & set(text)


@pytest.mark.parametrize("written", ["json"], indirect=True)
def test_every_line_of_the_json_log_is_one_object(api: Api, written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dog.api.list_route.recommend", lambda *_: int("x"))
    api.post("/v1/recommendations", {"contact_id": "c1"})
    log.error(HOSTILE, value=HOSTILE)
    lines = [orjson.loads(line) for line in written.text().split("\n") if line]

    assert [line["level"] for line in lines] == ["error", "info", "error"]
    assert lines[0]["request_id"] == lines[1]["request_id"]
    assert "ValueError" in lines[0]["exception"]


@given(
    st.dictionaries(
        st.sampled_from(["event", "key", "exception"]),
        st.recursive(
            st.text(max_size=20) | st.sampled_from(["dog_0123456789ab_key", "redis://a:b@c", NOW, 1.5, None, {1}]),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
        ),
    )
)
def test_a_line_that_is_rendered_as_it_is_needed_no_mending(line: dict[str, Any]) -> None:
    assert orjson.loads(as_json(dict(line))) == orjson.loads(orjson.dumps(make_safe(dict(line))))
