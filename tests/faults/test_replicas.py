"""Under the profile `ha` feedback is answered as accepted only once a replica has it."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from dog.api.app import create_app
from dog.bootstrap import build_runtime
from dog.errors import StoreUnavailable
from dog.process_setup import REQUEST_SECONDS
from dog.services.feedback.record_feedback import EventResult, record_feedback
from dog.services.runtime import Runtime
from dog.storage.api_keys import SCOPES, create_key
from dog.storage.event_log import Status
from dog.storage.store import Store
from tests.conftest import NOW, Api, Clock
from tests.servers import Server, follow, running, running_pair, wait_until

RULES = Path(__file__).parents[2] / "rules"


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[Server, Server]]:
    """Run a primary that takes writes only while its replica follows."""
    with running_pair(tmp_path, "--min-replicas-to-write", "1", "--min-replicas-max-lag", "10") as servers:
        yield servers


@pytest.fixture
def open_runtime(tmp_path: Path) -> Iterator[Callable[[str], Runtime]]:
    """Open houses as an operator would, by URL, under the profile `ha`."""
    opened = []

    def open_at(url: str) -> Runtime:
        given = {"DOG_REDIS_URL": url, "DOG_DURABILITY": "ha", "DOG_POLICY_DIR": str(RULES)}
        opened.append(
            build_runtime({**given, "DOG_DATA_DIR": str(tmp_path)}, clock=Clock(), timeout_seconds=REQUEST_SECONDS)
        )
        return opened[-1]

    yield open_at
    for runtime in opened:
        runtime.close()


def event(number: int) -> dict[str, Any]:
    at = "2026-11-20T10:00:00Z"
    return {"event_id": f"e{number}", "type": "pitch", "contact_id": "c1", "product_id": "p1", "occurred_at": at}


def post(runtime: Runtime, number: int) -> Any:
    runtime.store("default", create=True)
    key = create_key(runtime.redis, "default", "test", SCOPES, None, NOW)
    return Api(create_app(runtime).test_client(), key).post("/v1/feedback", {"events": [event(number)]})


def test_with_a_replica_in_step_feedback_is_accepted_and_readiness_names_the_profile(
    pair: tuple[Server, Server], open_runtime: Callable[[str], Runtime]
) -> None:
    runtime = open_runtime(pair[0].url)
    answer = post(runtime, 1)
    ready: Any = create_app(runtime).test_client().get("/health/ready")

    assert (answer.status_code, answer.json["accepted"]) == (200, 1)
    assert ready.json["durability"] == "ha"


def test_with_the_replica_hung_nothing_is_accepted_not_even_an_event_sent_before(
    pair: tuple[Server, Server], open_runtime: Callable[[str], Runtime]
) -> None:
    primary, replica = pair
    runtime = open_runtime(primary.url)
    key = create_key(runtime.redis, runtime.store("default", create=True).tenant.name, "test", SCOPES, None, NOW)
    api = Api(create_app(runtime).test_client(), key)
    replica.send(signal.SIGSTOP)
    try:
        answers = [api.post("/v1/feedback", {"events": [event(1)]}) for _ in range(3)]
    finally:
        replica.send(signal.SIGCONT)
    wait_until(lambda: api.post("/v1/feedback", {"events": [event(1)]}).status_code == 200)
    later = api.post("/v1/feedback", {"events": [event(1)]})

    assert [(answer.status_code, answer.json["code"]) for answer in answers] == [(503, "not_replicated")] * 3
    assert later.json["duplicates"] == 1


def test_a_replica_that_does_not_sync_each_write_confirms_nothing(
    pair: tuple[Server, Server], open_runtime: Callable[[str], Runtime]
) -> None:
    primary, replica = pair
    with replica.connect() as client:
        client.config_set("appendonly", "no")
    answer = post(open_runtime(primary.url), 1)

    assert (answer.status_code, answer.json["code"]) == (503, "not_replicated")


def test_with_the_replica_gone_writes_are_refused_before_they_happen(
    pair: tuple[Server, Server], open_runtime: Callable[[str], Runtime]
) -> None:
    primary, replica = pair
    runtime = open_runtime(primary.url)
    key = create_key(runtime.redis, runtime.store("default", create=True).tenant.name, "test", SCOPES, None, NOW)
    replica.kill()
    with primary.connect() as client:
        wait_until(lambda: int(client.info("replication")["min_slaves_good_slaves"]) == 0)
    answer = Api(create_app(runtime).test_client(), key).post("/v1/feedback", {"events": [event(1)]})

    assert answer.status_code == 503
    assert "NOREPLICAS" in answer.json["detail"]
    assert "Retry-After" in answer.headers


def test_a_primary_that_became_a_replica_is_refused_and_left(
    pair: tuple[Server, Server], open_runtime: Callable[[str], Runtime]
) -> None:
    primary, replica = pair
    runtime = open_runtime(primary.url)
    key = create_key(runtime.redis, runtime.store("default", create=True).tenant.name, "test", SCOPES, None, NOW)
    with primary.connect() as client:
        client.replicaof("127.0.0.1", replica.port)
    before = runtime.redis.connection_pool.get_connection()
    runtime.redis.connection_pool.release(before)
    answer = Api(create_app(runtime).test_client(), key).post("/v1/feedback", {"events": [event(1)]})

    assert answer.status_code == 503
    assert not before.is_connected  # the next call asks again who stands behind the name


def insist(store: Store, events: list[dict[str, Any]]) -> list[EventResult]:
    """Send until it is taken, as a client does that is answered 503."""
    for _ in range(50):
        with suppress(StoreUnavailable):
            return record_feedback(store, events, Clock()())
        time.sleep(0.1)
    raise AssertionError("never taken")


def test_sentinel_leads_to_the_promoted_replica_without_a_restart(
    tmp_path: Path, open_runtime: Callable[[str], Runtime]
) -> None:
    options = ("--min-replicas-to-write", "1", "--min-replicas-max-lag", "10")
    with running_pair(tmp_path, *options) as (primary, replica):
        config = tmp_path / "sentinel.conf"
        config.write_text(
            f"sentinel monitor dog 127.0.0.1 {primary.port} 1\nsentinel down-after-milliseconds dog 2000\n"
            "sentinel failover-timeout dog 2000\n"
        )
        with running(tmp_path / "sentinel", str(config), "--sentinel") as sentinel:
            with sentinel.connect() as client:
                wait_until(lambda: len(client.sentinel_slaves("dog")) == 1, 20)
            runtime = open_runtime(f"redis+sentinel://127.0.0.1:{sentinel.port}/dog")
            store = runtime.store("default", create=True)
            first = record_feedback(store, [event(1)], runtime.clock())
            primary.kill()
            with sentinel.connect() as client:
                wait_until(lambda: client.sentinel_get_master_addr_by_name("dog")[1] == replica.port, 30)
            primary.start()
            follow(primary, replica)  # as the sentinel would, at leisure
            results = insist(store, [event(1), event(2)])

    assert [first[0].status, results[0].status] == [Status.ACCEPTED, Status.DUPLICATE]
    assert results[1].status is not Status.REJECTED  # a repeat calls it a duplicate
