"""What is kept of what a rep did, however often it is sent."""

from typing import Any

import orjson
import pytest
from werkzeug.test import TestResponse

from dog.core.iso_weeks import iso_time
from dog.services.runtime import Runtime
from dog.storage.decisions import read_decision
from dog.storage.store import Store
from tests.console.inbox.conftest import Rep


def action(runtime: Runtime, event_id: str, kind: str, product_id: str = "p1", **more: Any) -> dict[str, Any]:
    """Write the action that the script sends for a product of Ann's list."""
    event = {
        "event_id": event_id,
        "type": kind,
        "contact_id": "c1",
        "product_id": product_id,
        "occurred_at": iso_time(runtime.clock()),
        **more,
    }
    return {"event": event, "product": "Fax machine", "contact": "Ann Miller", "done": []}


def words(answer: TestResponse) -> str:
    """Read what an action did, in words."""
    return str(orjson.loads(answer.data)["said"])


def logged(store: Store, contact_id: str = "c1") -> list[list[Any]]:
    """Read the entries of a contact's log: id, type, time, product, more."""
    contact = store.tenant.contact(contact_id)
    return [
        orjson.loads(entry) for entry in store.execute("HVALS", store.tenant.partition(contact).contact("log", contact))
    ]


def test_an_event_that_is_sent_again_counts_once_and_names_its_person(rep: Rep, runtime: Runtime, shop: Store) -> None:
    answers = [rep.post("/inbox/event", action(runtime, "e1", "accept")) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert words(answers[0]).startswith("Accepted Fax machine for Ann Miller: it is to do now.")
    assert [(entry[0], entry[4]["a"]) for entry in logged(shop)] == [("e1", "Ada")]


def test_a_decision_that_is_sent_again_counts_one_lap_and_its_list_is_kept(
    rep: Rep, runtime: Runtime, shop: Store
) -> None:
    opened = {"contact_id": "c1", "decision_id": "d1", "exclude": ["p3"]}
    answers = [rep.post("/inbox/decision", opened).status_code for _ in range(2)]
    contact = shop.tenant.contact("c1")
    laps = shop.execute("HGET", shop.tenant.partition(contact).of("laps"), contact)
    kept = read_decision(shop, "d1")

    assert answers == [200, 200]
    assert laps == b"1"
    assert kept is not None
    assert [item["product_id"] for item in kept[1]["items"]][:3] == ["p1", "p2", "p4"]


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"occurred_at": "2026-11-21T12:00:00Z"}, "in the future"),
        ({"type": "replace"}, "type"),
        ({"value": "x"}, "value"),
    ],
)
def test_an_event_that_cannot_be_recorded_is_refused_with_the_reason(
    rep: Rep, runtime: Runtime, changed: dict[str, str], why: str
) -> None:
    answer = rep.post("/inbox/event", action(runtime, "e1", "accept", **changed))

    assert answer.status_code == 422
    assert answer.text.startswith("Not saved: Fax machine for Ann Miller. Reason: ")
    assert why in answer.text


def test_what_is_taken_back_is_gone_however_often_and_whether_it_was_recorded_or_not(
    rep: Rep, runtime: Runtime, shop: Store
) -> None:
    rep.post("/inbox/event", action(runtime, "e1", "accept"))
    names = {"product": "Fax machine", "contact": "Ann Miller"}
    answers = [rep.post("/inbox/retract", {"event_id": event_id, **names}) for event_id in ("e1", "e1", "never sent")]

    assert [words(answer) for answer in answers] == ["Taken back: Fax machine for Ann Miller."] * 3
    assert orjson.loads(rep.get("/inbox/today").data) == []


def test_actions_of_another_person_are_not_taken(rep: Rep, runtime: Runtime, shop: Store) -> None:
    answer = rep.post("/inbox/event", action(runtime, "e1", "accept"), person="default/Bob")

    assert answer.status_code == 412
    assert logged(shop) == []


def test_a_snoozed_product_is_left_out_of_the_list_until_it_is_taken_back(rep: Rep) -> None:
    about = {"contact_id": "c1", "product_id": "p1", "product": "Fax machine", "contact": "Ann Miller"}
    said = words(rep.post("/inbox/snooze", {**about, "until": "2026-11-21"}))
    snoozed = rep.open("c1")
    back = words(rep.post("/inbox/unsnooze", about))

    assert (said, back) == ("Fax machine comes back on 21 Nov.", "Fax machine is back.")
    assert "<h2>Fax machine</h2>" not in snoozed
    assert "<h2>Fax machine</h2>" in rep.open("c1")


def test_a_snooze_until_a_past_day_is_refused(rep: Rep) -> None:
    about = {"contact_id": "c1", "product_id": "", "product": "", "contact": "Ann Miller"}
    answer = rep.post("/inbox/snooze", {**about, "until": "2026-11-20"})

    assert answer.status_code == 422
    assert "give a day from tomorrow on" in answer.text
