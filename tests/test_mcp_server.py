"""The tools, called through the library's own client within this process."""

from typing import Any

import orjson
import pytest
from mcp import Client

from dog.mcp_server import build_server
from dog.services.lists.decision_writer import DecisionWriter
from dog.services.publishing.publish_policy import make_default, publish_policy
from dog.services.runtime import Runtime
from dog.storage.store import Store
from tests.event_loops import in_a_thread

WIN = {"type": "win", "contact_id": "c1", "product_id": "p1", "occurred_at": "2026-11-20T11:00:00Z"}


@pytest.fixture
def call(runtime: Runtime, loaded: Store) -> Any:
    """Call a tool: whether it failed, and its answer."""

    def ask(name: str, **arguments: Any) -> tuple[bool, Any]:
        async def run() -> Any:
            async with Client(build_server(runtime, "default")) as client:
                return await client.call_tool(name, arguments)

        found = in_a_thread(run())
        text = found.content[0].text
        return found.is_error, text if found.is_error else orjson.loads(text)

    return ask


def test_a_list_is_dry(call: Any, runtime: Runtime, loaded: Store) -> None:
    failed, found = call("recommend", contact_id="c1", k=2)
    runtime.shared(DecisionWriter).flush()

    assert not failed
    assert [item["product_id"] for item in found["items"]] == ["p1", "p2"]
    assert loaded.redis.keys(b"*decision*") == []
    assert loaded.redis.keys(b"*laps*") == []


def test_the_tools_go_by_the_default_policy(call: Any, runtime: Runtime, loaded: Store) -> None:
    assert loaded is not None
    toml = b'name = "spring"\n[models]\ncf = {weight = 1}\n'
    publish_policy(runtime, "default", "spring", toml, author="test", comment="")
    make_default(runtime, "default", "spring")

    assert call("recommend", contact_id="c1")[1]["policy"] == "spring"
    assert call("recommend", contact_id="c1", policy="recommended")[1]["policy"] == "recommended"
    assert not call("why_not", contact_id="c1", product_id="p1")[0]
    assert not call("pair_ledger", contact_id="c1", product_id="p1")[0]


def test_why_a_product_is_not_on_the_list(call: Any) -> None:
    _, outranked = call("why_not", contact_id="c1", product_id="p4", k=2)
    _, listed = call("why_not", contact_id="c1", product_id="p1")
    call("record_feedback", **{**WIN, "type": "discard", "event_id": "e1"})
    _, resting = call("why_not", contact_id="c1", product_id="p1")

    assert (outranked["stage"], outranked["as_of"]) == ("rank", "now")
    assert (listed["stage"], listed["rank"]) == ("recommended", 1)
    assert (resting["rule_id"], resting["as_of"]) == ("snooze", "now")


def test_the_same_event_counts_once_with_an_id_and_without(call: Any) -> None:
    assert [call("record_feedback", **WIN)[1]["status"] for _ in range(3)] == ["accepted", "duplicate", "duplicate"]
    assert [call("record_feedback", **WIN, event_id="e1")[1]["status"] for _ in range(2)] == ["accepted", "duplicate"]
    _, ledger = call("pair_ledger", contact_id="c1", product_id="p1")

    assert [(week["week"], week["won"]) for week in ledger["weeks"]] == [("2026-W47", 2)]


@pytest.mark.parametrize(
    ("name", "arguments", "sentence"),
    [
        ("recommend", {"contact_id": "c1", "k": 0}, "k: Input should be greater than or equal to 1"),
        ("recommend", {}, "contact_id: Field required"),
        ("recommend", {"contact_id": "c1", "policy": "nope"}, "policy 'nope' is not active"),
        ("pair_ledger", {"contact_id": "c1", "product_id": "nope"}, "product 'nope' is not known; check the id"),
        ("why_not", {"contact_id": "nope", "product_id": "p1"}, "contact 'nope'"),
        ("record_feedback", {**WIN, "type": "sold"}, "type: Input should be 'accept', 'discard'"),
        ("record_feedback", {**WIN, "occurred_at": None}, "send event_id, or occurred_at"),
        ("record_feedback", {**WIN, "occurred_at": "today"}, "occurred_at is not an RFC 3339 time"),
    ],
)
def test_a_refused_call_is_answered_with_one_sentence(
    call: Any, name: str, arguments: dict[str, Any], sentence: str
) -> None:
    failed, told = call(name, **arguments)

    assert failed
    assert told.startswith(sentence)
    assert "\n" not in told
