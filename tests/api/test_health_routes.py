from typing import Any

import pytest

from dog.services.runtime import Runtime
from tests.conftest import Api


def test_a_process_is_live_and_ready_without_a_key(api: Api) -> None:
    live, ready = api.client.get("/health/live"), api.client.get("/health/ready")

    assert (live.json or {})["status"] == "live"
    assert ready.json == {"status": "ready", "durability": "strict"}


def test_a_process_without_redis_is_live_but_not_ready(
    api: Api, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise ConnectionError("connection refused")

    monkeypatch.setattr(runtime.redis, "ping", refuse)
    ready = api.client.get("/health/ready")

    assert api.client.get("/health/live").status_code == 200
    assert ready.status_code == 503
    assert b"connection refused" in ready.data


def as_json(answer: Any) -> Any:
    return answer.json


def test_the_document_has_what_a_request_without_a_key_or_host_gets(api: Api) -> None:
    paths = as_json(api.client.get("/openapi.json"))["paths"]
    documented = {path: set(paths[path]["get"]["responses"]) for path in ("/metrics", "/health/live", "/health/ready")}

    assert api.client.get("/metrics").status_code == 401
    assert documented == {
        "/metrics": {"200", "400", "401", "403", "429", "503"},
        "/health/live": {"200", "400", "403"},
        "/health/ready": {"200", "400", "403", "503"},
    }
    assert set(paths["/metrics"]["get"]["responses"]["401"]["content"]) == {"application/problem+json"}
