from typing import Any

import orjson
import pytest

from dog.errors import Conflict
from dog.services.lists.kept_decisions import count_fired_rules, present_decision, replay_decision
from dog.services.runtime import Runtime
from dog.storage.store import Store
from tests.conftest import Api

CONTENT: dict[str, Any] = {
    "decision_id": "d",
    "policy": "a",
    "items": [{"product_id": "p1", "factors": {}}],
    "item_inputs": [{"own": 1}],
    "inputs": {"shared": 2},
    "excluded": [],
}


def test_each_explanation_shows_its_part() -> None:
    none, brief, full = (orjson.loads(present_decision(CONTENT, explain)) for explain in ("none", "brief", "full"))

    assert none["items"] == [{"product_id": "p1"}]
    assert brief["items"] == CONTENT["items"]
    assert full["items"][0]["inputs"] == {"shared": 2, "own": 1}
    assert ["excluded" in shown for shown in (none, brief, full)] == [False, False, True]


def test_an_id_of_another_request_is_a_conflict(api: Api, loaded: Store) -> None:
    api.post("/v1/recommendations", {"contact_id": "c1", "decision_id": "d"})

    with pytest.raises(Conflict):
        replay_decision(loaded, "d", b"another!")
    assert replay_decision(loaded, "other", b"another!") is None


def test_rules_of_dry_runs_are_not_counted(api: Api, loaded: object, runtime: Runtime) -> None:
    del loaded
    api.post("/v1/recommendations", {"contact_id": "c1", "dry_run": True})

    assert count_fired_rules(runtime, "default", "recommended") == {}
