import pytest

from dog.errors import NotFound
from dog.services.feedback.record_feedback import record_feedback, retract_feedback
from dog.storage.pitched_pairs import read_pitched_pair
from dog.storage.store import Store
from tests.conftest import Clock, event


def test_the_pair_of_a_pitch_is_found_by_its_id(loaded: Store, clock: Clock) -> None:
    events = [event("deal-1", "pitch", "p2", "c3"), event("deal-2", "pitch", "new", "stranger")]
    record_feedback(loaded, events, clock())

    assert read_pitched_pair(loaded, "deal-1") == ("c3", "p2")
    assert read_pitched_pair(loaded, "deal-2") == ("stranger", "new")


def test_what_is_no_pitch_has_no_pair(loaded: Store, clock: Clock) -> None:
    record_feedback(loaded, [event("e1", "win"), event("e2", "pitch")], clock())
    retract_feedback(loaded, "e2")

    for event_id in ("e1", "e2", "e3"):
        with pytest.raises(NotFound, match=f"event '{event_id}' is"):
            read_pitched_pair(loaded, event_id)
