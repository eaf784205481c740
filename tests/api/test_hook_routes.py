"""Requests of other services to the hooks of docs/how-to/integrations.md: the page has bodies and dog.toml."""

import re
from pathlib import Path
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient

from dog.services.data.export_rows import export_rows
from dog.services.data.mapping.load_map import parse_load_map
from dog.services.feedback.record_feedback import record_feedback
from dog.services.hooks.publish_hook import publish_hooks
from dog.services.operations.rate_limits import RateLimits
from dog.services.runtime import Runtime
from dog.storage.api_keys import create_key
from dog.storage.store import Store
from tests.conftest import NOW, Api, Clock, event
from tests.services.hooks.senders import SECRETS, headers_of

PAGE = (Path(__file__).parents[2] / "docs" / "how-to" / "integrations.md").read_text("utf-8")


def examples(heading: str) -> tuple[bytes, str]:
    """Return the body and the dog.toml of a section of the page."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    body = re.search(r"```json\n(.*?)```", section, re.DOTALL)
    toml = re.search(r"```toml\n(.*?)```", section, re.DOTALL)
    return (body[1] if body else "").encode(), toml[1] if toml else ""


def publish(runtime: Runtime, toml: str) -> None:
    for name, entry in parse_load_map(toml).hooks.items():
        publish_hooks(runtime, "default", {name: entry}, secret=SECRETS[entry.scheme])


def push(client: FlaskClient, name: str, scheme: str, body: bytes, clock: Clock, **changed: str) -> Any:
    url = f"https://localhost/v1/hooks/{name}"
    headers = headers_of(scheme, body, url, clock(), "msg_1") | changed
    return client.post(f"/v1/hooks/{name}", data=body, headers=headers, content_type="application/json;charset=UTF-8")


def recorded(runtime: Runtime, tmp_path: Path) -> list[dict[str, Any]]:
    export_rows(runtime, "default", "feedback", tmp_path / "out.ndjson")
    return [orjson.loads(line) for line in (tmp_path / "out.ndjson").read_bytes().splitlines()]


def statuses(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.json
    return [result["status"] for result in answer.json["results"]]


def test_a_win_of_salesforce_is_recorded_with_long_ids(
    runtime: Runtime, api: Api, loaded: Store, clock: Clock, tmp_path: Path
) -> None:
    body, toml = examples("Salesforce")
    publish(runtime, toml)
    first = push(api.client, "salesforce", "token", body, clock)
    again = push(api.client, "salesforce", "token", body, clock)
    other = push(api.client, "salesforce", "token", body.replace(b"Closed Won", b"Prospecting"), clock)
    rows = recorded(runtime, tmp_path)

    assert [statuses(answer) for answer in (first, again, other)] == [["accepted"], ["duplicate"], ["ignored"]]
    assert len(rows) == 1
    assert len(rows[0]["contact_id"]) == len(rows[0]["actor_id"]) == 18
    assert (rows[0]["type"], rows[0]["product_id"], rows[0]["value"]) == ("win", "p1", 1200.5)
    assert rows[0]["occurred_at"].startswith("2026-11-20T11:00:00")


def test_a_stage_of_hubspot_settles_the_pitch_of_its_deal(
    runtime: Runtime, api: Api, loaded: Store, clock: Clock, tmp_path: Path
) -> None:
    body, toml = examples("HubSpot")
    publish(runtime, toml)
    record_feedback(loaded, [event("1246965", "pitch", "p2", "c3", occurred_at="2026-11-19T11:00:00Z")], clock())
    first = push(api.client, "hubspot", "hubspot", body, clock)
    retried = body.replace(b'"attemptNumber": 0', b'"attemptNumber": 1')
    again = push(api.client, "hubspot", "hubspot", retried, clock)
    win = next(row for row in recorded(runtime, tmp_path) if row["type"] == "win")

    assert (statuses(first), statuses(again)) == (["accepted", "ignored"], ["duplicate", "ignored"])
    assert (win["contact_id"], win["product_id"], win["pitch_id"]) == ("c3", "p2", "1246965")


def test_a_deal_of_pipedrive_is_won_once_and_its_stage_is_a_pitch(
    runtime: Runtime, api: Api, loaded: Store, clock: Clock, tmp_path: Path
) -> None:
    body, toml = examples("Pipedrive")
    publish(runtime, toml)
    renamed = body.replace(b'"previous": {"status": "open"', b'"previous": {"title": "Fax"')
    staged = renamed.replace(b'"title": "Fax"', b'"stage_id": 2').replace(b'"stage_id": 5', b'"stage_id": 3')
    won = [push(api.client, "pipedrive", "basic", body, clock) for _ in range(2)]
    others = [push(api.client, "pipedrive", "basic", other, clock) for other in (renamed, staged)]
    pitches = [push(api.client, "pipedrive_pitches", "basic", other, clock) for other in (body, staged)]
    rows = recorded(runtime, tmp_path)

    assert [statuses(answer) for answer in won] == [["accepted"], ["duplicate"]]
    assert [statuses(answer) for answer in (*others, *pitches)] == [["ignored"]] * 3 + [["accepted"]]
    assert {row["type"]: (row["contact_id"], row["product_id"]) for row in rows} == dict.fromkeys(
        ("win", "pitch"), ("3001", "p1")
    )


def test_an_order_of_segment_is_a_win_of_each_product(
    runtime: Runtime, api: Api, loaded: Store, clock: Clock, tmp_path: Path
) -> None:
    publish(runtime, examples("Segment and RudderStack")[1])
    products = [{"product_id": "p1", "price": 1}, {"product_id": "p2"}]
    call = {
        "type": "track",
        "event": "Order Completed",
        "messageId": "ajs-1",
        "userId": "c1",
        "timestamp": "2026-11-20T11:00:00.000Z",
        "properties": {"products": products},
    }
    answers = [
        push(api.client, "segment", "segment", orjson.dumps(body), clock)
        for body in (call, call, {**call, "event": "Cart Viewed", "messageId": "ajs-2"}, {"type": "page"})
    ]

    assert [statuses(answer) for answer in answers] == [["accepted"] * 2, ["duplicate"] * 2, ["ignored"] * 2, []]
    assert {row["product_id"] for row in recorded(runtime, tmp_path)} == {"p1", "p2"}


@pytest.fixture
def body(runtime: Runtime, loaded: Store) -> bytes:
    publish(runtime, '[hooks.crm]\nscheme = "standard"')
    return orjson.dumps({name: value for name, value in event("", "win").items() if name != "event_id"})


def test_ten_replays_count_once_and_a_wrong_signature_never(
    runtime: Runtime, api: Api, clock: Clock, tmp_path: Path, body: bytes
) -> None:
    forged = {"webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}
    refused = [push(api.client, "crm", "standard", body, clock, **forged) for _ in range(10)]
    before = recorded(runtime, tmp_path)
    answers = [push(api.client, "crm", "standard", body, clock) for _ in range(10)]

    assert {answer.status_code for answer in refused} == {401}
    assert before == []
    assert [statuses(answer)[0] for answer in answers] == ["accepted"] + ["duplicate"] * 9
    assert len(recorded(runtime, tmp_path)) == 1


def test_an_unknown_name_is_answered_as_a_wrong_signature(api: Api, clock: Clock, body: bytes) -> None:
    unknown = push(api.client, "nope", "standard", body, clock)
    unsigned: Any = api.client.post("/v1/hooks/crm", data=body, content_type="application/json")
    by_key = api.post("/v1/hooks/crm", {"a": 1})
    told = [{**answer.json, "request_id": ""} for answer in (unknown, unsigned, by_key)]

    assert told[0] == told[1] == told[2]
    assert unknown.status_code == 401
    assert (unknown.mimetype, unknown.json["code"]) == ("application/problem+json", "bad_signature")
    assert unknown.json["title"] == "Invalid signature"


def test_a_body_is_bounded_and_json(api: Api, clock: Clock, body: bytes) -> None:
    broken = push(api.client, "crm", "standard", b'{"a":', clock)
    large = push(api.client, "crm", "standard", b" " * (1 << 20) + body, clock)
    form = api.client.post("/v1/hooks/crm", data={"a": "b"})

    assert [answer.status_code for answer in (broken, large, form)] == [400, 413, 415]


def test_requests_to_a_hook_are_limited(runtime: Runtime, api: Api, clock: Clock, body: bytes) -> None:
    runtime.share(RateLimits(None, lambda: 1000.0))
    runtime.store("other", create=True)
    key = create_key(runtime.redis, "other", "", ("read",), None, NOW)
    Api(api.client, key).get("/v1/models")  # while another tenant sends requests, limits hold
    answers = [push(api.client, "crm", "standard", body, clock) for _ in range(102)]

    assert answers[0].headers["RateLimit-Limit"] == "100"
    assert answers[-1].status_code == 429


def test_the_document_names_the_route_without_a_key(api: Api) -> None:
    document: Any = api.client.get("/openapi.json").json
    operation = document["paths"]["/v1/hooks/{name}"]["post"]

    assert operation["security"] == []
    assert {"200", "400", "401", "413", "415", "429", "503"} <= operation["responses"].keys()
