"""Every route by every kind of key: the table is written here by hand, the routes are found in the application."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dog.api.app import create_app
from dog.api.request_guard import OPEN, SIGNED
from dog.services.operations.rate_limits import RateLimits
from dog.services.runtime import Runtime
from dog.storage.api_keys import SCOPES, create_key, list_keys, revoke_key
from tests.conftest import NOW, Api, event

SCOPE_OF = {
    "GET /health/live": OPEN,
    "GET /health/ready": OPEN,
    "GET /openapi.json": OPEN,
    "GET /docs": OPEN,
    "GET /docs/errors": OPEN,
    "GET /docs-assets/<path:name>": OPEN,
    "GET /metrics": "read",
    "POST /v1/recommendations": "recommend",
    "POST /v1/recommendations/batch": "recommend",
    "POST /v1/recommendations/contacts": "recommend",
    "POST /v1/feedback": "feedback",
    "POST /v1/hooks/<name>": SIGNED,
    "POST /v1/feedback/<path:event_id>/retract": "feedback",
    "GET /v1/decisions/<path:decision_id>": "read",
    "GET /v1/multipliers": "read",
    "GET /v1/multipliers/versions": "read",
    "POST /v1/multipliers/versions/<version>/activate": "admin",
    "GET /v1/curves": "read",
    "POST /v1/curves": "read",
    "POST /v1/jobs/recompute": "admin",
    "GET /v1/jobs": "read",
    "GET /v1/jobs/<job_id>": "read",
    "GET /v1/policies/schema": "read",
    "GET /v1/policies/<name>": "admin",
    "PUT /v1/policies/<name>": "admin",
    "GET /v1/policies/<name>/versions": "admin",
    "POST /v1/policies/<name>/versions/<version>/activate": "admin",
    "POST /v1/policies/<name>/default": "admin",
    "POST /v1/policies/<name>/preview": "admin",
    "POST /v1/products": "admin",
    "POST /v1/contacts": "admin",
    "POST /v1/scores": "admin",
    "GET /v1/models": "read",
    "PUT /v1/models/<name>": "admin",
    "GET /v1/audit": "admin",
    "GET /v1/verdicts": "read",
    "POST /v1/verdicts/<verdict_id>/lift": "admin",
    "GET /v1/settings": "read",
    "PUT /v1/settings": "admin",
    "GET /v1/runs": "read",
    "GET /v1/runs/<run_id>": "read",
    "GET /v1/runs/<run_id>/compare/<other_id>": "read",
    "GET /v1/contacts/export": "admin",
    "DELETE /v1/contacts": "admin",
}


def routes_of(app: Flask) -> dict[str, tuple[str, str]]:
    """Find every route and method: as in the table, with an address that reaches it."""
    found = {}
    for rule in app.url_map.iter_rules():
        path = rule.rule
        for argument in rule.arguments:
            path = path.replace(f"<path:{argument}>", "x").replace(f"<{argument}>", "x")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            found[f"{method} {rule.rule}"] = (method, path)
    return found


@pytest.fixture
def keys(runtime: Runtime, store: Any) -> dict[str, str]:
    """Make a key of every kind."""
    del store
    runtime.share(RateLimits(None, iter(range(10**9)).__next__))  # an hour passes between two requests, as it were
    runtime.store("other", create=True)
    now = datetime.now(UTC)
    made = {scope: create_key(runtime.redis, "default", scope, (scope,), None, NOW) for scope in SCOPES}
    made["all"] = create_key(runtime.redis, "default", "all", SCOPES, None, NOW)
    made["other tenant"] = create_key(runtime.redis, "other", "", SCOPES, None, NOW)
    made["expired"] = create_key(runtime.redis, "default", "", SCOPES, now - timedelta(seconds=1), NOW)
    made["revoked"] = create_key(runtime.redis, "default", "revoked", SCOPES, None, NOW)
    key_id = next(key.key_id for key in list_keys(runtime.redis, "default") if key.name == "revoked")
    revoke_key(runtime.redis, "default", key_id, now)
    made |= {"wrong": made["all"] + "x", "malformed": "dog", "without": ""}
    return made


def status_of(client: FlaskClient, method: str, path: str, key: str) -> int:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    status: int = client.open(path, method=method, headers=headers).status_code
    return status


def test_the_table_names_every_route(runtime: Runtime) -> None:
    assert set(routes_of(create_app(runtime))) == set(SCOPE_OF)


def test_every_route_opens_to_its_scope_and_to_nothing_else(runtime: Runtime, keys: dict[str, str]) -> None:
    app = create_app(runtime)
    wrong, cells = [], 0
    for name, (method, path) in routes_of(app).items():
        for kind, key in keys.items():
            status = status_of(app.test_client(), method, path, key)
            if SCOPE_OF[name] == OPEN or (SCOPE_OF[name] != SIGNED and kind in ("all", "other tenant", SCOPE_OF[name])):
                right = status not in (401, 403, 500)
            elif SCOPE_OF[name] == SIGNED:
                right = status == 401
            else:
                right = status == (403 if kind in SCOPES else 401)
            cells += 1
            if not right:
                wrong.append(f"{name} with a key {kind}: {status}")

    assert cells == len(SCOPE_OF) * 12
    assert wrong == []


def test_nothing_of_a_tenant_is_seen_or_touched_by_another(
    runtime: Runtime, api: Api, recommend: Any, keys: dict[str, str]
) -> None:
    decided = recommend(decision_id="d1")
    api.post("/v1/feedback", {"events": [event("e1", "win")]})
    job = api.post("/v1/jobs/recompute", {"dry_run": True}).json
    other = Api(api.client, keys["other tenant"])
    asked = [
        other.get("/v1/decisions/d1"),
        other.post("/v1/feedback/e1/retract"),
        other.get(f"/v1/jobs/{job['job_id']}"),
        other.get("/v1/contacts/export?contact_id=c1"),
        other.post("/v1/recommendations", {"contact_id": "c1"}),
        other.client.delete("/v1/contacts?contact_id=c1", headers={"Authorization": f"Bearer {other.key}"}),
    ]
    listed = [other.get(path).json["items"] for path in ("/v1/multipliers", "/v1/multipliers/versions", "/v1/jobs")]
    mine = {"contact_id": "c1", "decision_id": "d1", "candidates": [{"product_id": "x", "scores": {"cf": 0.5}}]}
    own = other.post("/v1/recommendations", mine).json
    counted = other.post("/v1/feedback", {"events": [event("e1", "loss")]}).json

    assert [answer.status_code for answer in asked] == [404] * 6
    assert listed == [[], [], []]
    assert [item["product_id"] for item in own["items"]] == ["x"]  # the id is the other tenant's own
    assert counted["accepted"] == 1
    assert api.get("/v1/decisions/d1?explain=brief").json["items"] == decided["items"]
    assert api.post("/v1/feedback", {"events": [event("e1", "win")]}).json["duplicates"] == 1


def test_two_keys_are_alive_while_one_is_rotated(runtime: Runtime, api: Api) -> None:
    first, second = (create_key(runtime.redis, "default", name, ("read",), None, NOW) for name in ("old", "new"))
    client = api.client
    both = [status_of(client, "GET", "/v1/jobs", key) for key in (first, second)]
    old = next(key.key_id for key in list_keys(runtime.redis, "default") if key.name == "old")
    revoke_key(runtime.redis, "default", old, NOW)
    after = [status_of(client, "GET", "/v1/jobs", key) for key in (first, second)]

    assert both == [200, 200]
    assert after == [401, 200]
