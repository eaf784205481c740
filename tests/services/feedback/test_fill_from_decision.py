from typing import Any

import pytest

from dog.services.feedback.answer_feedback import answer_feedback
from dog.services.feedback.fill_from_decision import derived_event_id
from dog.services.lists.list_request import ListRequest
from dog.services.lists.recommend import recommend
from dog.services.runtime import Runtime
from dog.storage.claims import find_event_contact
from dog.storage.event_log import read_entry
from dog.storage.ids import MAX_ID_BYTES
from dog.storage.retract import read_event
from dog.storage.sender import Sender
from dog.storage.store import Store
from tests.conftest import Clock


@pytest.fixture
def decided(runtime: Runtime, loaded: Store) -> Store:
    recommend(runtime, "default", ListRequest("c1", decision_id="d1"))
    return loaded


def send(runtime: Runtime, *documents: dict[str, Any]) -> list[dict[str, Any]]:
    answer = answer_feedback(runtime, "default", documents, substitute=False, sender=Sender(key_id="key"))
    results: list[dict[str, Any]] = answer["results"]
    return results


def of(kind: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "decision_id": "d1", "rank": 1, **more}


def recorded(store: Store, event_id: str) -> Any:
    entry = read_event(store, find_event_contact(store, event_id), event_id)
    return read_entry("c1", entry) if entry else None


@pytest.mark.parametrize("kind", ["accept", "discard", "pitch", "win", "loss"])
def test_decision_and_rank_are_enough(runtime: Runtime, decided: Store, kind: str) -> None:
    result = send(runtime, of(kind))[0]
    event = recorded(decided, f"d1:1:{kind}")

    assert (result["event_id"], result["status"]) == (f"d1:1:{kind}", "accepted")
    assert (event.product_id, event.occurred_at_ms, event.decision_id) == ("p1", runtime.clock(), "d1")


def test_the_same_call_later_is_a_duplicate_and_keeps_the_first_time(
    runtime: Runtime, decided: Store, clock: Clock
) -> None:
    first_ms = clock()
    send(runtime, of("win", value=9.5))
    clock.set("2026-11-24T09:00:00")
    again = send(runtime, of("win", value=9.5), of("win", value=3.0))

    assert [row["status"] for row in again] == ["duplicate", "rejected"]
    assert again[1]["code"] == "event_id_conflict"
    assert recorded(decided, "d1:1:win").occurred_at_ms == first_ms


def test_an_event_claimed_but_not_written_is_completed_by_the_next_call(
    runtime: Runtime, decided: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("dog.services.feedback.record_feedback.apply_feedback", killed)
        with pytest.raises(KeyboardInterrupt):
            send(runtime, of("win"))
    clock.now_ms += 60_000
    results = [*send(runtime, of("win")), *send(runtime, of("win"))]

    assert [row["status"] for row in results][1] == "duplicate"
    assert recorded(decided, "d1:1:win").occurred_at_ms == clock()


def test_a_win_settles_the_pitch_of_its_decision(runtime: Runtime, decided: Store) -> None:
    send(runtime, of("win"), of("pitch"))

    assert recorded(decided, "d1:1:win").pitch_id == "d1:1:pitch"
    assert recorded(decided, "d1:1:pitch").pitch_id is None


def test_what_is_given_stays(runtime: Runtime, decided: Store) -> None:
    given = of("win", event_id="own", pitch_id="mine", occurred_at="2026-11-20T11:00:00Z", product_id="p1")

    assert send(runtime, given)[0]["event_id"] == "own"
    assert recorded(decided, "own").pitch_id == "mine"
    assert recorded(decided, "own").occurred_at_ms == runtime.clock() - 3_600_000


@pytest.mark.parametrize(
    ("change", "code", "message"),
    [
        ({"decision_id": "d2"}, "unknown_decision", "decision_id 'd2' is not kept"),
        ({"rank": 5}, "unknown_rank", "rank is 5, and the decision has 4 item(s)"),
        ({"rank": 0}, "invalid_event", "rank must be a whole number from 1 on"),
        ({"rank": True}, "invalid_event", "rank must be a whole number from 1 on"),
        ({"decision_id": None}, "invalid_event", "decision_id is missing; rank is a place in the list"),
        ({"product_id": "p2"}, "decision_mismatch", "product_id is 'p2', and the decision has 'p1' there"),
        ({"contact_id": "c2"}, "decision_mismatch", "contact_id is 'c2', and the decision has 'c1' there"),
        ({"type": "won"}, "invalid_event", "type must be one of"),
    ],
)
def test_what_cannot_be_filled_is_rejected_and_the_others_are_not(
    runtime: Runtime, decided: Store, change: dict[str, Any], code: str, message: str
) -> None:
    bad, good = send(runtime, of("win", **change), of("accept"))

    assert (bad["status"], bad["code"], good["status"]) == ("rejected", code, "accepted")
    assert message in bad["message"]


def test_a_derived_id_is_never_too_long() -> None:
    assert len(derived_event_id("x" * MAX_ID_BYTES, 1000, "restructure").encode()) <= MAX_ID_BYTES
