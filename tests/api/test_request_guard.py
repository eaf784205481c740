from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any

import orjson
import pytest
from flask import Flask
from werkzeug.test import EnvironBuilder, run_wsgi_app

from dog.api.app import create_app
from dog.api.request_guard import OPEN, OPEN_ENDPOINTS, SIGNED
from dog.bootstrap import create_runtime
from dog.services.runtime import Runtime
from dog.storage.api_keys import SCOPES, create_key, list_keys, revoke_key
from dog.storage.connection import connect
from dog.storage.store import Store
from tests.conftest import NOW, Api

FOREIGN = [
    {"Host": "evil.example"},
    {"Host": "evil.example", "Origin": "http://evil.example"},
    {"Origin": "https://evil.example"},
    {"Origin": "http://localhost:3000"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Host": "127.0.0.1:8000", "Origin": "http://localhost:8000"},
]
"""Headers of requests that a page of another origin makes a browser send."""
FIELDS = {"type", "title", "status", "detail", "code", "request_id", "errors"}


def as_json(answer: Any) -> Any:
    return answer.json


def is_problem(answer: Any) -> bool:
    return answer.mimetype == "application/problem+json" and set(answer.json) == FIELDS


def test_every_route_declares_a_scope(runtime: Runtime) -> None:
    app: Flask = create_app(runtime)
    scopes = {
        name: OPEN if name in OPEN_ENDPOINTS else getattr(view, "scope", None)
        for name, view in app.view_functions.items()
    }

    assert set(scopes.values()) <= {OPEN, SIGNED, *SCOPES}


def test_no_key_a_wrong_a_revoked_and_an_expired_key_get_the_same_answer(runtime: Runtime, api: Api) -> None:
    now = datetime.now(UTC)
    expired = create_key(runtime.redis, "default", "", ("read",), now - timedelta(days=1), NOW)
    revoked = create_key(runtime.redis, "default", "", ("read",), None, now)
    newest = list_keys(runtime.redis, "default")[-1]
    revoke_key(runtime.redis, "default", newest.key_id, now)
    answers = [Api(api.client, key).get("/v1/jobs") for key in ("nonsense", "dog_ab_cd", expired, revoked)]
    bodies = [{**answer.json, "request_id": ""} for answer in answers]

    assert [answer.status_code for answer in answers] == [401] * 4
    assert all(body == bodies[0] for body in bodies)
    assert answers[0].headers["WWW-Authenticate"].startswith("Bearer")


def test_a_key_without_the_scope_is_forbidden(make_api: Callable[..., Api]) -> None:
    answer = make_api("read").post("/v1/recommendations", {"contact_id": "c1"})

    assert (answer.status_code, answer.json["code"]) == (403, "forbidden")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[1]", 422),
        (b'{"contact_id": NaN}', 400),
        (b'{"contact_id": 1e999}', 400),
        (b'{"contact_id": "\\ud800"}', 400),
        (b"[" * 100_000, 400),
        (b"\xff", 400),
        (b" " * (1 << 20) + b"{}", 413),
        (b"", 422),
    ],
)
def test_bad_json_is_a_problem_and_never_a_crash(api: Api, store: Store, body: bytes, status: int) -> None:
    answer = api.post("/v1/recommendations", data=body, content_type="application/json")

    assert answer.status_code == status
    assert is_problem(answer)


def test_errors_of_the_framework_are_problems_too(api: Api) -> None:
    missing, wrong = api.get("/v1/nothing"), api.get("/v1/feedback")

    assert (missing.status_code, wrong.status_code) == (404, 405)
    assert is_problem(missing)
    assert is_problem(wrong)


def test_an_unexpected_error_tells_nothing_of_the_inside(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dog.api.job_routes.list_jobs", lambda _: 1 / 0)
    answer = api.get("/v1/jobs")

    assert answer.status_code == 500
    assert is_problem(answer)
    assert "division" not in answer.text


def test_every_answer_carries_its_request_id(api: Api) -> None:
    given = api.client.get("/health/live", headers={"X-Request-Id": "abc-1"})
    made = api.client.get("/health/live", headers={"X-Request-Id": "a\tb"})

    assert given.headers["X-Request-Id"] == "abc-1"
    assert len(made.headers["X-Request-Id"]) == 16


def test_a_server_that_is_away_is_503_with_retry_after(runtime: Runtime) -> None:
    away = create_runtime(runtime.settings, connect("unix:///nowhere.sock"), runtime.clock)
    answer = Api(create_app(away).test_client(), "dog_ab_cd").get("/v1/jobs")

    assert (answer.status_code, answer.json["code"]) == (503, "store_unavailable")
    assert int(answer.headers["Retry-After"]) >= 1


def test_documentation_needs_no_key_and_no_other_host(api: Api) -> None:
    page, document = api.client.get("/docs"), api.client.get("/openapi.json")

    assert "/docs-assets/swagger-ui-bundle.js" in page.text
    assert "https://" not in page.text
    assert as_json(document)["openapi"].startswith("3.1")
    with api.client.get("/docs-assets/swagger-ui-bundle.js") as script:
        assert script.status_code == 200


def test_the_documented_paths_are_the_contracts(api: Api) -> None:
    paths = set(as_json(api.client.get("/openapi.json"))["paths"])

    assert {
        "/v1/recommendations",
        "/v1/feedback",
        "/v1/decisions/{decision_id}",
        "/v1/multipliers",
        "/v1/curves",
        "/v1/jobs/recompute",
        "/v1/jobs",
        "/v1/products",
        "/health/ready",
    } <= paths


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("text/plain", {}),
        ("application/x-www-form-urlencoded", {}),
        ("application/json; charset=utf-16", {}),
        ("application/toml", {}),
        ("application/json", {"Content-Encoding": "gzip"}),
    ],
)
def test_a_body_of_another_kind_is_refused_and_not_unpacked(api: Api, kind: str, more: dict[str, str]) -> None:
    headers = {"Content-Type": kind, **more}
    answers = [
        api.post(path, data=b'{"contact_id":"c1"}', headers=headers)
        for path in ("/v1/recommendations", "/v1/feedback", "/v1/products", "/v1/policies/mine/preview", "/v1/curves")
        if (path, kind) != ("/v1/policies/mine/preview", "application/toml")
    ]

    assert {answer.status_code for answer in answers} == {415}
    assert {answer.json["code"] for answer in answers} == {"wrong_content_type"}


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/v1/multipliers?contct_id=c1", "this path takes contact_id, cursor, limit, policy, product_id"),
        ("/v1/jobs?limit=3", "this path takes none"),
        ("/v1/audit?limit=1&limit=2", "more than once"),
        ("/v1/runs?x", "this path takes none"),
        ("/v1/policies/recommended?draft=true", "this path takes none"),
    ],
)
def test_a_query_parameter_that_is_not_there_is_refused_and_not_passed_over(api: Api, path: str, says: str) -> None:
    answer = api.get(path)

    assert (answer.status_code, answer.json["code"]) == (422, "unknown_parameter")
    assert says in answer.json["detail"]


def test_every_route_but_the_open_ones_says_which_parameters_it_takes_and_the_document_tells_them(
    runtime: Runtime,
) -> None:
    app = create_app(runtime)
    document: Any = app.test_client().get("/openapi.json").json
    told = {
        (path, parameter["name"])
        for path, methods in document["paths"].items()
        for operation in methods.values()
        if isinstance(operation, dict)
        for parameter in operation.get("parameters", [])
        if parameter["in"] == "query"
    }
    views = {rule.rule: app.view_functions[rule.endpoint] for rule in app.url_map.iter_rules()}
    undeclared = [rule for rule, view in views.items() if rule.startswith("/v1/") and not hasattr(view, "query_names")]

    assert undeclared == []
    assert {("/v1/policies/{name}", "draft"), ("/v1/policies/{name}", "comment")} <= told
    assert len(told) >= 13


@pytest.mark.parametrize("headers", FOREIGN)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/products"),
        ("POST", "/v1/feedback"),
        ("GET", "/v1/multipliers"),
        ("GET", "/health/ready"),
        ("GET", "/openapi.json"),
        ("GET", "/none-such"),
    ],
)
def test_without_authentication_no_page_of_another_origin_is_answered(
    runtime: Runtime, store: Store, method: str, path: str, headers: dict[str, str]
) -> None:
    runtime.settings = replace(runtime.settings, auth="off")
    answer = create_app(runtime).test_client().open(path, method=method, data=b"[]", headers=headers)

    assert (answer.status_code, is_problem(answer)) == (403, True)
    assert as_json(answer)["code"] == ("foreign_host" if headers.get("Host") == "evil.example" else "foreign_origin")


@pytest.mark.parametrize("headers", [{}, {"Origin": "http://[::1]:80", "Host": "[::1]"}, {"Host": "LOCALHOST.:8000"}])
def test_without_authentication_own_pages_and_programs_of_this_machine_are_answered(
    runtime: Runtime, store: Store, headers: dict[str, str]
) -> None:
    runtime.settings = replace(runtime.settings, auth="off")
    rows = [{"product_id": "tea"}]

    answer = create_app(runtime).test_client().post("/v1/products", json=rows, headers=headers)

    assert (answer.status_code, as_json(answer)["accepted"]) == (200, 1)


@pytest.mark.parametrize("headers", FOREIGN)
def test_with_authentication_the_key_decides_and_not_the_origin(api: Api, headers: dict[str, str]) -> None:
    assert api.post("/v1/products", [{"product_id": "tea"}], headers=headers).status_code == 200


@pytest.mark.parametrize("hosts", [[], ["a", "b"], ["a,b"], [""], ["u@a"]])
def test_a_missing_doubled_or_malformed_host_is_400(runtime: Runtime, hosts: list[str]) -> None:
    headers = {"HTTP_HOST": ",".join(hosts)} if hosts else {}
    builder = EnvironBuilder("/health/live")
    environ = {**builder.get_environ(), **headers}
    if not hosts:
        del environ["HTTP_HOST"]

    content, status, _ = run_wsgi_app(create_app(runtime), environ)

    assert (status, orjson.loads(b"".join(content))["code"]) == ("400 BAD REQUEST", "bad_host")


def test_the_audit_has_the_address_that_a_named_proxy_has_passed_on(runtime: Runtime, api: Api) -> None:
    forwarded = {"X-Forwarded-For": "203.0.113.9, 198.51.100.7"}

    def sources() -> list[str]:
        api.post("/v1/products", [{"product_id": "tea"}], headers=forwarded)
        return [entry["source"] for entry in api.get("/v1/audit?limit=1").json["items"]]

    before = sources()
    runtime.settings = replace(runtime.settings, trusted_proxies=(ip_network("127.0.0.0/8"),))

    assert (before, sources()) == (["127.0.0.1"], ["198.51.100.7"])
