"""A pitch goes by the channel and time of the decision that it names."""

from typing import Any

import numpy as np
import orjson

from dog.core.records import OUTCOME
from dog.services.weekly.recount import recount
from dog.storage.retract import read_event
from dog.storage.store import Store
from dog.storage.value_numbers import read_value_numbers
from tests.conftest import Api, event


def numbers_of(store: Store, contact: str) -> list[list[int]]:
    digest = store.tenant.contact(contact)
    ledger = store.execute("GET", store.tenant.partition(digest).contact("outcomes", digest))
    found: list[list[int]] = np.frombuffer(ledger, OUTCOME)["pitched_by"].tolist()
    return found


def send(api: Api, *events: dict[str, Any]) -> None:
    answer = api.post("/v1/feedback", {"events": list(events)})
    assert answer.json["accepted"] == len(events), answer.json


def test_a_pitch_takes_channel_time_and_segment_and_an_outcome_none(api: Api, loaded: Store, recommend: Any) -> None:
    decision = recommend("c1", context={"channel": "email"})["decision_id"]
    send(api, event("e1", "pitch", decision_id=decision), event("e2", "win", pitch_id="e1", decision_id=decision))
    numbers = read_value_numbers(loaded)

    assert {name: list(known) for name, known in numbers.items()} == {
        "channel": ["email"],
        "time": ["morning"],
        "segment": ["gold"],
    }
    assert sorted(numbers_of(loaded, "c1")) == [[0, 0, 0], [1, 1, 1]]
    entry = read_event(loaded, loaded.tenant.contact("c1"), "e1")
    assert orjson.loads(entry or b"")[-1]["c"] == [["email", 1], ["morning", 1], ["gold", 1]]


def test_a_pitch_without_a_decision_and_one_of_another_product_have_none(
    api: Api, loaded: Store, recommend: Any
) -> None:
    decision = recommend("c3", k=1)["decision_id"]
    send(api, event("e1", "pitch", contact_id="c3"), event("e2", "pitch", "p4", "c3", decision_id=decision))

    assert numbers_of(loaded, "c3") == [[0, 0, 0], [0, 0, 0]]
    assert read_value_numbers(loaded) == {"channel": {}, "time": {}, "segment": {}}


def test_the_ledger_is_rebuilt_from_the_log_with_what_a_pitch_went_by(api: Api, loaded: Store, recommend: Any) -> None:
    decision = recommend("c1")["decision_id"]
    send(api, event("e1", "pitch", decision_id=decision))
    digest = loaded.tenant.contact("c1")
    key = loaded.tenant.partition(digest).contact("outcomes", digest)
    before = loaded.execute("GET", key)
    damaged = np.frombuffer(before, OUTCOME).copy()
    damaged["pitched_by"] = 0
    loaded.execute("SET", key, damaged.tobytes())

    runtime = api.client.application.extensions["dog"]
    assert [found.what for found in recount(runtime, "default", repair=True)] == ["outcomes"]
    assert loaded.execute("GET", key) == before
