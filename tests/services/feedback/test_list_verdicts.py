from typing import Any

import pytest

from dog.core.iso_weeks import DAY_MS
from dog.services.data.import_rows import import_rows
from dog.services.feedback.list_verdicts import lift_verdict, list_verdicts
from dog.services.feedback.record_feedback import record_feedback, retract_feedback
from dog.services.lists.list_request import ListRequest
from dog.services.lists.rank_request import rank_request
from dog.services.runtime import Runtime
from dog.storage.sender import Sender
from dog.storage.store import Store
from tests.conftest import Clock

TEAM = Sender(key_id="crm", names_actors=True)


@pytest.fixture(autouse=True)
def rows(runtime: Runtime, store: Store) -> None:
    zone = runtime.settings.zone
    import_rows(store, "products", [{"product_id": "p1", "category": "Cereal"}], zone)
    contacts = [{"contact_id": f"c{n}", "account_id": "a1", "segment": "gold"} for n in range(3)]
    import_rows(store, "contacts", contacts, zone)


def send(runtime: Runtime, store: Store, number: int, **more: Any) -> None:
    event = {
        "event_id": f"e{number}",
        "type": "discard",
        "contact_id": f"c{number % 3}",
        "product_id": "p1",
        "occurred_at": "2026-11-20T11:00:00Z",
        "actor_id": f"r{number}",
        "reason": {"trigger": "market"},
        **more,
    }
    assert record_feedback(store, [event], runtime.clock(), sender=TEAM)[0].status == "accepted"


def listed(runtime: Runtime, scope: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = list_verdicts(runtime, "default", scope=scope)["items"]
    return found


def test_votes_of_contacts_in_different_partitions_are_one_row(runtime: Runtime, store: Store) -> None:
    for number in range(3):
        send(runtime, store, number)
    row = listed(runtime, "segment")[0]

    assert (row["key"], row["votes"], row["acts"]) == ("Cereal/gold", 3, True)
    assert row["contacts"] == ["c0", "c1", "c2"]
    assert len(row["voters"]) == 3


def test_a_retracted_vote_is_listed_no_more(runtime: Runtime, store: Store) -> None:
    send(runtime, store, 0)
    retract_feedback(store, "e0")

    assert list_verdicts(runtime, "default")["items"] == []


def test_votes_that_count_no_longer_are_not_listed(runtime: Runtime, store: Store, clock: Clock) -> None:
    send(runtime, store, 0)
    clock.now_ms += 111 * DAY_MS
    before = listed(runtime, "segment")
    clock.now_ms += DAY_MS

    assert len(before) == 1
    assert listed(runtime, "segment") == []


def test_lifting_a_resting_account_wakes_its_contacts(runtime: Runtime, store: Store) -> None:
    scores = [{"contact_id": "c1", "product_id": "p1", "model": "cf", "score": 0.5, "as_of": "2026-11-01"}]
    import_rows(store, "scores", scores, runtime.settings.zone)
    send(runtime, store, 0, product_id="", reason={"trigger": "discomfort", "attribute": "account"})
    resting = rank_request(runtime, store, ListRequest("c1", dry_run=True)).product_ids
    row = listed(runtime, "account")[0]
    lift_verdict(runtime, "default", row["id"])

    assert (row["key"], row["factor"], row["products"]) == ("a1", 0, [])
    assert resting == []
    assert rank_request(runtime, store, ListRequest("c1", dry_run=True)).product_ids == ["p1"]
    assert listed(runtime, "account") == []
