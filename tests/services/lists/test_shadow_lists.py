"""A challenger in the shadow: listed beside, kept with the decision, never served, and judged by later wins."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from dog.offline.proof.shadow_report import report_shadow
from dog.services.background_tasks import MAX_TASKS, BackgroundTasks
from dog.services.data.served_batch import SERVED_COLUMNS, ServedBatch
from dog.services.lists import shadow_lists as shadow
from dog.services.lists.decision_writer import DecisionWriter
from dog.services.runtime import Runtime
from dog.storage.decisions import read_decision
from dog.storage.store import Store
from tests.conftest import Api, event

Ask = Callable[..., dict[str, Any]]
MODELS = {"cf": {"weight": 1.0}}
TURNED = [{"id": "last-first", "when": "product.id = 'p4'", "then": {"multiply": 50.0}}]


@pytest.fixture
def shadowed(api: Api, loaded: Store) -> str:
    """Publish a policy with a challenger in its shadow that lists p4 first; the challenger's version."""
    draft = api.put("/v1/policies/recommended?draft=true", {"name": "recommended", "models": MODELS, "rules": TURNED})
    version: str = draft.json["version"]
    wanted = {"challenger": f"recommended@{version}", "share": 1.0}
    answer = api.put("/v1/policies/recommended", {"name": "recommended", "models": MODELS, "shadow": wanted})
    assert loaded is not None
    assert (answer.status_code, answer.json["warnings"]) == (200, [])
    return version


def kept(runtime: Runtime, store: Store, decision_id: str) -> dict[str, Any]:
    runtime.shared(DecisionWriter).flush()
    assert runtime.shared(BackgroundTasks).flush()
    found = read_decision(store, decision_id)
    assert found is not None
    return found[1]


def test_a_served_batch_keeps_the_challengers_list_too(shadowed: str, runtime: Runtime, loaded: Store) -> None:
    batch = ServedBatch(runtime=runtime, tenant="default", k=2, policy="recommended", batch_id="monday")
    decisions = {one for partition in range(64) for one in batch.serve(partition)[SERVED_COLUMNS.index("decision_id")]}
    contents = [kept(runtime, loaded, decision_id) for decision_id in decisions]

    assert len(contents) == 3
    assert {content["shadow"]["policy_version"] for content in contents} == {shadowed}


def listed(items: list[dict[str, Any]]) -> list[str]:
    return [item["product_id"] for item in items]


@pytest.mark.parametrize("named", [{}, {"decision_id": "mine"}])
def test_the_challengers_list_is_kept_with_the_decision_and_in_no_answer(
    named: dict[str, str], shadowed: str, api: Api, recommend: Ask, runtime: Runtime, loaded: Store
) -> None:
    answer = recommend(k=2, explain="full", **named)
    content = kept(runtime, loaded, answer["decision_id"])
    told = api.get(f"/v1/decisions/{answer['decision_id']}?explain=full").json

    assert listed(answer["items"]) == ["p1", "p2"]
    assert listed(content["shadow"]["items"]) == ["p4", "p1"]
    assert content["shadow"]["policy_version"] == shadowed
    assert "shadow" not in answer
    assert told == answer


def test_an_answer_does_not_wait_for_the_shadow(shadowed: str, recommend: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    began, hold = time.monotonic(), threading.Event()
    monkeypatch.setattr(shadow, "_rank", lambda *_: hold.wait(20))
    answers = [recommend(k=2) for _ in range(3)]
    took = time.monotonic() - began
    hold.set()

    assert shadowed
    assert all(answer["items"] for answer in answers)
    assert took < 20


def test_what_waits_beyond_the_bound_is_shed() -> None:
    queue, blocked = BackgroundTasks(), threading.Event()

    def wait() -> None:
        blocked.wait(20)

    taken = [queue.put(wait) for _ in range(MAX_TASKS + 5)]
    blocked.set()
    queue.close()

    assert sum(taken) == MAX_TASKS


def test_a_share_of_the_decisions_has_a_shadow(api: Api, recommend: Ask, runtime: Runtime, loaded: Store) -> None:
    wanted = {"challenger": "published", "share": 0.3}
    api.put("/v1/policies/recommended", {"name": "recommended", "models": MODELS, "shadow": wanted})
    ids = [recommend(k=2)["decision_id"] for _ in range(60)]
    found = [kept(runtime, loaded, decision_id) for decision_id in ids]

    assert 6 <= sum("shadow" in content for content in found) <= 32


def test_the_report_tells_overlap_and_which_list_held_what_was_won(
    shadowed: str, api: Api, recommend: Ask, runtime: Runtime, loaded: Store, clock: Any
) -> None:
    for contact in ("c1", "c2", "c3"):
        kept(runtime, loaded, recommend(contact, k=2)["decision_id"])
    clock.now_ms += 3_600_000
    wins = [("c1", "p4"), ("c2", "p2"), ("c3", "p1"), ("c3", "p3")]
    at = "2026-11-20T12:30:00Z"
    told = [event(f"w{n}", "win", product, contact, occurred_at=at) for n, (contact, product) in enumerate(wins)]
    told.append(event("early", "win", "p4", "c1"))  # before any list
    api.post("/v1/feedback", {"events": told})
    found = report_shadow(runtime, "default", "recommended")

    assert (found["lists"], found["lists_changed"], found["challenger_version"]) == (3, 3, shadowed)
    assert found["overlap"] == 0.5
    assert found["products"] == {"gain": {"p4": 3}, "lose": {"p2": -3}}
    assert found["wins"] == {"both": 1, "served": 1, "challenger": 1, "neither": 1}
    assert found["held_more"]["low"] is None


def test_a_challenger_that_is_not_there_is_warned_of_and_lists_go_on(api: Api, recommend: Ask) -> None:
    wanted = {"challenger": "nobody"}
    stored = api.put("/v1/policies/recommended", {"name": "recommended", "models": MODELS, "shadow": wanted}).json

    assert [warning["code"] for warning in stored["warnings"]] == ["unknown_challenger"]
    assert recommend()["items"]


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"challenger": "Spring!"}, "bad_name"),
        ({"share": 0.5}, "missing"),
        ({"challenger": "spring", "share": 0}, "out_of_range"),
        ({"challenger": "spring", "shares": 1}, "unknown_key"),
    ],
)
def test_a_shadow_that_cannot_be_is_refused(api: Api, loaded: Store, wanted: dict[str, Any], code: str) -> None:
    answer = api.put("/v1/policies/recommended", {"name": "recommended", "shadow": wanted})

    assert loaded is not None
    assert (answer.status_code, [fault["code"] for fault in answer.json["errors"]]) == (422, [code])
