"""While Redis hangs: lists marked, suppressions kept, writes refused; afterwards all is as before."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from typing import Any

import orjson
import pytest

from dog.services.data.mapping.map_entries import HookEntry
from dog.services.hooks.publish_hook import publish_hooks
from dog.services.lists.decision_writer import DecisionWriter
from dog.services.runtime import Runtime
from dog.storage.api_keys import list_keys, revoke_key
from dog.storage.breaker import Breaker, attach_breaker
from dog.storage.connection import Redis, connect
from dog.storage.embedded import EmbeddedServer
from dog.storage.store import Store
from tests.conftest import Api, Clock, event
from tests.services.hooks.senders import SECRETS, headers_of

CANDIDATES = [{"product_id": f"p{n}", "scores": {"cf": 0.5 - n / 10, "frequency": 0.2}} for n in (1, 2, 3)]
INLINE = {"contact_id": "c1", "candidates": CANDIDATES}
NEVER_READ = {"contact_id": "from-the-crm", "candidates": CANDIDATES}


@pytest.fixture
def redis(redis_server: EmbeddedServer) -> Iterator[Redis]:
    """Connect as the service does: short of patience, behind a breaker."""
    with connect(redis_server.url) as client:
        client.flushall()
        attach_breaker(client, Breaker(client.ping))
        yield client


@dataclass
class Server:
    """The process of the server, to be stopped and let go."""

    process_id: int

    def hang(self) -> None:
        os.kill(self.process_id, signal.SIGSTOP)

    def go_on(self) -> None:
        os.kill(self.process_id, signal.SIGCONT)


@pytest.fixture
def server(redis: Redis) -> Iterator[Server]:
    """Give the server's process; it continues in the end, whatever happens."""
    found = Server(int(redis.info("server")["process_id"]))
    yield found
    found.go_on()


def ask(api: Api, body: dict[str, Any]) -> tuple[Any, float]:
    begin = time.perf_counter()
    answer = api.post("/v1/recommendations", body)
    return answer, time.perf_counter() - begin


@pytest.mark.usefixtures("loaded")
def test_a_contact_read_before_is_answered_as_it_was_and_marked(api: Api, server: Server, clock: Clock) -> None:
    inline, stored = (ask(api, body)[0].json for body in (INLINE, {"contact_id": "c2"}))
    server.hang()
    clock.now_ms += 90_000
    marked, again = (ask(api, body)[0] for body in (INLINE, {"contact_id": "c2"}))

    assert marked.status_code == again.status_code == 200
    assert marked.headers["X-DOG-Degraded"] == "store_unavailable"
    assert marked.json["degraded"] == {"reason": "store_unavailable", "version": None, "age_s": 90.0}
    assert marked.json["lap"] is None
    assert [(item["product_id"], item["score"]) for item in marked.json["items"]] == [
        (item["product_id"], item["score"]) for item in inline["items"]
    ]
    assert [item["product_id"] for item in again.json["items"]] == [item["product_id"] for item in stored["items"]]
    assert [item["attributes"] for item in again.json["items"]] == [item["attributes"] for item in stored["items"]]


@pytest.mark.usefixtures("loaded")
def test_candidates_of_a_contact_never_read_are_ranked_by_the_version_held(api: Api, server: Server) -> None:
    ask(api, INLINE)
    server.hang()
    inline, _ = ask(api, NEVER_READ)
    stored, _ = ask(api, {"contact_id": "c3"})

    assert [item["product_id"] for item in inline.json["items"]] == ["p1", "p2", "p3"]
    assert stored.status_code == 503
    assert "send candidates" in stored.json["detail"]


@pytest.mark.usefixtures("loaded")
def test_no_suppressed_product_comes_out_while_redis_hangs(
    api: Api, server: Server, runtime: Runtime, store: Store
) -> None:
    ask(api, INLINE)
    ask(api, NEVER_READ)
    discards = [event("d1", "discard", "p1", "c1"), event("d2", "discard", "p1", "from-the-crm")]
    assert api.post("/v1/feedback", {"events": discards}).json["accepted"] == 2
    read_since, _ = ask(api, INLINE)
    runtime.shared(DecisionWriter).flush()
    server.hang()
    answers = [ask(api, body)[0] for body in [INLINE, NEVER_READ] * 50]
    kept = [item["product_id"] for answer in answers if answer.status_code == 200 for item in answer.json["items"]]

    assert "p1" not in {item["product_id"] for item in read_since.json["items"]}
    assert [answer.status_code for answer in answers] == [200, 503] * 50
    assert set(kept) == {"p2", "p3"}
    assert runtime.shared(DecisionWriter).waiting_laps(store, store.tenant.contact("c1")) == 0


@pytest.mark.usefixtures("loaded")
def test_another_workers_discard_keeps_a_contact_from_being_answered_blindly(
    api: Api, server: Server, clock: Clock, redis: Redis, store: Store
) -> None:
    ask(api, INLINE)
    redis.zadd(store.keys.of("resting"), {store.tenant.contact("from-the-crm"): clock.now_ms + 1_000_000})
    clock.now_ms += 61_000  # it is looked up every minute
    ask(api, INLINE)
    server.hang()

    assert ask(api, NEVER_READ)[0].status_code == 503


@pytest.mark.usefixtures("loaded")
def test_rules_that_ask_for_the_past_or_the_contact_fail_closed(api: Api, server: Server) -> None:
    limited = b"""
name = "recommended"
[models]
cf = {weight = 1.0}
[[rules]]
id = "tired"
then = {limit = {event = "pitch", by = "contact", at_most = 3, days = 7}}
reason = "enough for a week"
"""
    opted_out = limited.replace(
        b'then = {limit = {event = "pitch", by = "contact", at_most = 3, days = 7}}',
        b"when = \"contact.segment = 'iron'\"\nthen = {exclude = true}",
    )
    headers = {"Authorization": f"Bearer {api.key}", "Content-Type": "application/toml"}
    results = []
    for policy in (limited, opted_out):
        put = api.client.put("/v1/policies/recommended", data=policy, headers=headers)
        assert put.status_code in (200, 201), put.json
        ask(api, INLINE)
        server.hang()
        results.append([ask(api, body)[0].status_code for body in (INLINE, NEVER_READ)])
        server.go_on()
        while api.get("/v1/policies/recommended").status_code != 200:
            time.sleep(0.05)

    assert results == [[503, 503], [200, 503]]


@pytest.mark.usefixtures("loaded")
def test_what_is_held_is_not_used_when_it_is_too_old(api: Api, server: Server, clock: Clock) -> None:
    ask(api, INLINE)
    server.hang()
    clock.now_ms += 8 * 86_400_000 + 1

    assert ask(api, INLINE)[0].status_code == 503


@pytest.mark.usefixtures("loaded")
def test_nothing_is_accepted_while_redis_hangs_and_all_works_when_it_is_back(api: Api, server: Server) -> None:
    ask(api, INLINE)
    server.hang()
    refused = [api.post("/v1/feedback", {"events": [event(f"e{n}", "accept")]}) for n in range(7)]
    times = [ask(api, INLINE)[1] for _ in range(20)]
    ready = api.get("/health/ready")
    live = api.get("/health/live")
    server.go_on()
    begin = time.perf_counter()
    while (recovered := ask(api, INLINE)[0]).headers.get("X-DOG-Degraded"):
        time.sleep(0.05)
    waited = time.perf_counter() - begin
    accepted = api.post("/v1/feedback", {"events": [event(f"e{n}", "accept") for n in range(7)]}).json

    assert {answer.status_code for answer in refused} == {503}
    assert {answer.content_type for answer in refused} == {"application/problem+json"}
    assert all(1 <= int(answer.headers["Retry-After"]) <= 5 for answer in refused)
    assert median(times) < 0.5  # less than one command may take: the breaker answers
    assert (ready.status_code, live.status_code) == (503, 200)
    assert recovered.json["lap"] is not None
    assert waited < 30  # Redis is tried each second
    assert (accepted["accepted"], accepted["duplicates"]) == (7, 0)


@pytest.mark.usefixtures("loaded")
def test_the_sender_of_a_hook_is_asked_to_come_again_and_its_event_counts_once(
    api: Api, server: Server, runtime: Runtime, clock: Clock
) -> None:
    publish_hooks(runtime, "default", {"crm": HookEntry(scheme="standard")}, secret=SECRETS["standard"])
    body = orjson.dumps({**event("", "win"), "event_id": None})
    headers = headers_of("standard", body, "", clock(), "msg_1")

    def push() -> Any:
        return api.client.post("/v1/hooks/crm", data=body, headers=headers, content_type="application/json")

    server.hang()
    away = [push() for _ in range(3)]
    server.go_on()
    while (first := push()).status_code == 503:
        time.sleep(0.05)
    again = push()

    assert {answer.status_code for answer in away} == {503}
    assert all(int(answer.headers["Retry-After"]) >= 1 for answer in away)
    assert (first.json["accepted"], again.json["duplicates"]) == (1, 1)


def test_a_process_that_has_read_nothing_answers_nothing(api: Api, server: Server) -> None:
    server.hang()

    assert ask(api, INLINE)[0].status_code == 503


@pytest.mark.usefixtures("loaded")
def test_only_keys_seen_valid_open_the_door_while_redis_hangs(
    api: Api, make_api: Callable[..., Api], server: Server
) -> None:
    ask(api, INLINE)
    unseen = make_api("recommend")
    server.hang()

    assert ask(api, INLINE)[0].status_code == 200
    assert ask(unseen, INLINE)[0].status_code == 503
    assert ask(Api(api.client, "dog_x_y"), INLINE)[0].status_code == 503


@pytest.mark.usefixtures("loaded")
def test_a_key_revoked_elsewhere_gets_no_further_answer(api: Api, redis: Redis) -> None:
    assert ask(api, INLINE)[0].status_code == 200
    revoke_key(redis, "default", list_keys(redis, "default")[0].key_id, datetime.now(UTC))

    assert ask(api, INLINE)[0].status_code == 401
