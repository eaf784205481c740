"""An outcome names the decision of the accept and the pitch that it settles, also when it is sent again."""

from typing import Any

from dog.services.feedback.complete_outcome import complete_outcome
from dog.services.feedback.record_feedback import record_feedback
from dog.storage.store import Store
from tests.conftest import NOW, event

NOW_MS = round(NOW.timestamp() * 1000)


def send(store: Store, document: dict[str, Any]) -> str:
    (result,) = record_feedback(store, [document], NOW_MS)
    return str(result.status)


def test_a_win_of_an_accepted_and_pitched_item_names_decision_and_pitch(store: Store) -> None:
    send(store, event("a1", "accept", decision_id="d1", occurred_at="2026-11-18T10:00:00Z"))
    pitch = complete_outcome(store, event("i1", "pitch", occurred_at="2026-11-19T10:00:00Z"))
    send(store, pitch)
    win = complete_outcome(store, event("w1", "win", value=120.0))

    assert pitch["decision_id"] == "d1"
    assert (win["decision_id"], win["pitch_id"], win["value"]) == ("d1", "i1", 120.0)


def test_a_win_that_is_sent_again_is_the_same_event(store: Store) -> None:
    send(store, event("i1", "pitch", decision_id="d1", occurred_at="2026-11-19T10:00:00Z"))
    statuses = [send(store, complete_outcome(store, event("w1", "win"))) for _ in range(2)]

    assert statuses == ["accepted", "duplicate"]


def test_a_settled_pitch_is_not_named_again_and_what_the_sender_names_stays(store: Store) -> None:
    send(store, event("i1", "pitch", occurred_at="2026-11-18T10:00:00Z"))
    send(store, event("w1", "win", pitch_id="i1", occurred_at="2026-11-19T10:00:00Z"))

    assert "pitch_id" not in complete_outcome(store, event("w2", "win"))
    assert complete_outcome(store, event("w2", "loss", pitch_id="i9"))["pitch_id"] == "i9"


def test_other_events_and_faulty_ones_stay_as_they_are(store: Store) -> None:
    for document in (event("a1", "accept"), {"type": "win"}, {"type": "win", "contact_id": 7}):
        assert complete_outcome(store, document) == document
