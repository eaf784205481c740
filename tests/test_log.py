"""The log: lines of a level and above, with the request that caused them."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime

import orjson
import pytest

from dog.log import log, log_context
from dog.log_format import as_json, as_text


@pytest.fixture(autouse=True)
def _as_json() -> Iterator[None]:
    log.configure(logging.INFO, as_json)
    token = log_context.set({"request_id": "r1", "tenant": "shop"})
    yield
    log_context.reset(token)
    log.configure(logging.INFO, as_text)


def test_a_line_has_event_level_time_and_the_request(capsys: pytest.CaptureFixture[str]) -> None:
    log.info("request", status=200, tenant="other")
    line = orjson.loads(capsys.readouterr().err)
    at = datetime.fromisoformat(line.pop("timestamp"))

    assert line == {"event": "request", "level": "info", "status": 200, "request_id": "r1", "tenant": "other"}
    assert abs((datetime.now(UTC) - at).total_seconds()) < 60


def test_lines_below_the_level_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure(logging.WARNING, as_json)
    log.info("quiet")
    log.warning("heard")

    assert [orjson.loads(line)["event"] for line in capsys.readouterr().err.splitlines()] == ["heard"]


def test_an_error_has_its_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        int("no")
    except ValueError:
        log.exception("failed", count=1)
    line = orjson.loads(capsys.readouterr().err)

    assert (line["event"], line["level"], line["count"]) == ("failed", "error", 1)
    assert "ValueError: invalid literal" in line["exception"]
