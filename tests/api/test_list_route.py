"""A plain request for a list is answered without Flask; answers, errors, limits and log are the same as by Flask."""

from dataclasses import replace
from ipaddress import ip_network
from typing import Any

import orjson
import pytest
from flask import Flask
from flask.testing import FlaskClient

from dog import metrics
from dog.api.app import create_app
from dog.api.list_route import PATH
from dog.log import log
from dog.log_format import as_text
from dog.services.operations.rate_limits import RateLimits
from dog.services.runtime import Runtime
from dog.storage.api_keys import create_key, list_keys, revoke_key
from dog.storage.audit_log import current_actor
from dog.storage.store import Store
from tests.conftest import NOW

FLASKS_WAY = {"Content-Type": "application/json; charset=utf-8"}
"""The route answers only what says application/json and nothing more."""
GENERATED = {"decision_id", "lap", "request_id"}


@pytest.fixture
def app(runtime: Runtime, loaded: Store) -> Flask:
    del loaded
    runtime.share(RateLimits(None, lambda: 1000.0))
    return create_app(runtime)


@pytest.fixture
def seen_by_flask(app: Flask) -> list[str]:
    """List the addresses that Flask was asked for."""
    found: list[str] = []
    app.before_request_funcs[None].insert(0, lambda: found.append("asked"))
    return found


@pytest.fixture
def key(runtime: Runtime, app: Flask) -> str:
    """Make a key that has asked once: a key is looked up by Flask's way the first time."""
    made = create_key(runtime.redis, "default", "mine", ("recommend",), None, NOW, 1000)
    ask(app.test_client(), made, {"contact_id": "c1", "dry_run": True})
    return made


def ask(client: FlaskClient, key: str, body: Any, headers: dict[str, str] | None = None, path: str = PATH) -> Any:
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    given = {"Authorization": f"Bearer {key}", "Content-Type": "application/json", **(headers or {})}
    return client.post(path, data=content, headers=given)


def both_ways(app: Flask, key: str, body: Any) -> list[Any]:
    """Ask without Flask and through it."""
    return [ask(app.test_client(), key, body, {"X-Request-Id": "r1", **way}) for way in ({}, FLASKS_WAY)]


def told(answer: Any) -> tuple[Any, ...]:
    """Return all of an answer but what differs from request to request."""
    body = {name: value for name, value in answer.json.items() if name not in GENERATED}
    remaining = ("RateLimit-Remaining", "RateLimit", "Content-Length", "Retry-After")
    headers = [(name, "" if name in remaining else value) for name, value in answer.headers.items()]
    return answer.status, headers, body


@pytest.mark.parametrize(
    "body",
    [
        {"contact_id": "c1"},
        {"contact_id": "c2", "k": 2, "explain": "full", "context": {"channel": "call"}, "exclude": ["p1"]},
        {"contact_id": "c1", "dry_run": True, "events": [{"type": "discard", "product_id": "p2"}]},
        {
            "contact_id": "new",
            "candidates": [{"product_id": "x", "scores": {"cf": 0.5}}],
            "contact": {"segment": "gold"},
        },
        {"contact_id": "nobody"},
        {"contact_id": "c1", "policy": "none-such"},
    ],
)
def test_answers_and_errors_are_flasks_own_with_the_same_headers_in_the_same_order(
    app: Flask, key: str, seen_by_flask: list[str], body: Any
) -> None:
    seen_by_flask.clear()
    short, flasks = both_ways(app, key, body)

    assert told(short) == told(flasks)
    assert seen_by_flask == ["asked"]  # once, by the second request


def test_the_same_decision_id_gets_the_same_bytes_either_way_and_another_body_a_conflict(app: Flask, key: str) -> None:
    first, again = both_ways(app, key, {"contact_id": "c1", "decision_id": "d1"})
    conflicts = both_ways(app, key, {"contact_id": "c2", "decision_id": "d1"})

    assert first.data == again.data
    assert [(answer.status_code, answer.json["code"]) for answer in conflicts] == [(409, "decision_id_conflict")] * 2


def test_each_request_is_counted_once_whichever_way_it_takes(app: Flask, key: str) -> None:
    bodies = [{"contact_id": "c1"}, {"contact_id": 1}, {"contact_id": "nobody"}, b"{", {"contact_id": "c1", "k": 0}]
    answers = [ask(app.test_client(), key, body) for body in bodies]
    left = [int(answer.headers["RateLimit-Remaining"]) for answer in answers]

    assert [answer.status_code for answer in answers] == [200, 404, 404, 400, 422]
    assert left == [left[0] - count for count in range(5)]


def test_a_key_over_its_limit_waits_and_is_not_charged(runtime: Runtime, app: Flask) -> None:
    slow = create_key(runtime.redis, "default", "slow", ("recommend",), None, NOW, 3)
    answers = [ask(app.test_client(), slow, {"contact_id": "c1"}) for _ in range(6)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429, 429]
    assert {answer.headers["Retry-After"] for answer in answers[3:]} == {"1"}


def test_every_request_is_one_line_and_one_observation(
    app: Flask, key: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def count(status: int) -> float:
        name = f'dog_request_seconds_count{{method="POST",route="{PATH}",status="{status}"}} '
        lines = metrics.exposition().decode().splitlines()
        return sum(float(line.removeprefix(name)) for line in lines if line.startswith(name))

    monkeypatch.setattr(log, "_render", as_text)  # a test before may have run a command in this process
    before = [count(200), count(500)]
    capsys.readouterr()
    ask(app.test_client(), key, {"contact_id": "c1"})
    monkeypatch.setattr("dog.api.list_route.recommend", lambda *_: 1 / 0)
    failed = ask(app.test_client(), key, {"contact_id": "c1"})
    lines = capsys.readouterr().err.splitlines()

    assert (failed.status_code, failed.json["code"]) == (500, "internal_error")
    assert [count(200), count(500)] == [before[0] + 1, before[1] + 1]
    assert len([line for line in lines if " request " in line]) == 2
    assert any("ZeroDivisionError" in line for line in lines)
    assert current_actor.get() is None


def test_a_revoked_key_is_refused_at_once(runtime: Runtime, app: Flask, key: str) -> None:
    before = ask(app.test_client(), key, {"contact_id": "c1"})
    key_id = next(each.key_id for each in list_keys(runtime.redis, "default") if each.name == "mine")
    revoke_key(runtime.redis, "default", key_id, NOW)
    after = [ask(app.test_client(), key, {"contact_id": "c1"}) for _ in range(2)]

    assert before.status_code == 200
    assert [answer.status_code for answer in after] == [401, 401]
    assert after[0].headers["WWW-Authenticate"] == 'Bearer realm="dog"'


def test_a_cached_key_without_the_scope_is_forbidden(runtime: Runtime, app: Flask) -> None:
    reader = create_key(runtime.redis, "default", "reader", ("read",), None, NOW)
    answers = [ask(app.test_client(), reader, {"contact_id": "c1"}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [403, 403]


@pytest.mark.parametrize(
    ("headers", "path", "status"),
    [
        ({"Content-Encoding": "gzip"}, PATH, 415),
        ({"Content-Type": "text/plain"}, PATH, 415),
        ({}, f"{PATH}?x=1", 422),
        (FLASKS_WAY, PATH, 200),
    ],
)
def test_what_is_not_plain_is_left_to_flask(
    app: Flask, key: str, seen_by_flask: list[str], headers: dict[str, str], path: str, status: int
) -> None:
    seen_by_flask.clear()
    answer = ask(app.test_client(), key, {"contact_id": "c1"}, headers, path)

    assert (answer.status_code, seen_by_flask) == (status, ["asked"])


def test_without_authentication_the_local_key_asks(runtime: Runtime, loaded: Store) -> None:
    del loaded
    runtime.settings = replace(runtime.settings, auth="off")
    answers = [
        create_app(runtime).test_client().post(PATH, json={"contact_id": "c1"}, headers=way) for way in ({}, FLASKS_WAY)
    ]

    assert [answer.status_code for answer in answers] == [200, 200]


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Host": "a,b"},
    ],
)
@pytest.mark.parametrize("way", [{}, FLASKS_WAY])
def test_without_authentication_a_page_of_another_origin_gets_no_list(
    runtime: Runtime, loaded: Store, headers: dict[str, str], way: dict[str, str]
) -> None:
    runtime.settings = replace(runtime.settings, auth="off")
    answer = ask(create_app(runtime).test_client(), "", {"contact_id": "c1"}, {**headers, **way})

    assert answer.status_code == (400 if "," in headers.get("Host", "") else 403)
    assert loaded.redis.keys("dog:*decision*") == []


def test_the_actor_of_a_list_has_the_address_that_a_named_proxy_has_passed_on(
    runtime: Runtime, app: Flask, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime.settings = replace(runtime.settings, trusted_proxies=(ip_network("127.0.0.1"),))
    seen: list[str] = []
    monkeypatch.setattr("dog.api.list_route.set_actor", lambda _, source, **__: seen.append(source))
    ask(app.test_client(), key, {"contact_id": "c1"}, {"X-Forwarded-For": "198.51.100.7"})

    assert seen == ["198.51.100.7"]
