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
