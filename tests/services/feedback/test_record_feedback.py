from typing import Any

import pytest

from dog.errors import NotFound
from dog.services.feedback.record_feedback import record_feedback, retract_feedback
from dog.services.runtime import Runtime
from dog.storage.event_log import Status
from dog.storage.store import Store
from tests.conftest import event


def statuses(runtime: Runtime, store: Store, *documents: Any) -> list[tuple[Status, str | None]]:
    return [(result.status, result.code) for result in record_feedback(store, documents, runtime.clock())]


def test_one_bad_event_does_not_stop_the_others(runtime: Runtime, loaded: Store) -> None:
    found = statuses(runtime, loaded, event("e1", "pitch"), {"event_id": "e2"}, 7, event("e3", "accept"))

    assert [status for status, _ in found] == [Status.ACCEPTED, Status.REJECTED, Status.REJECTED, Status.ACCEPTED]


def test_an_event_sent_again_is_a_duplicate_and_with_another_body_a_conflict(runtime: Runtime, loaded: Store) -> None:
    first = statuses(runtime, loaded, event("e1", "pitch"), event("e1", "pitch"))
    again = statuses(runtime, loaded, event("e1", "pitch"), event("e1", "pitch", "p2"))

    assert [status for status, _ in first] == [Status.ACCEPTED, Status.DUPLICATE]
    assert again == [(Status.DUPLICATE, None), (Status.REJECTED, "event_id_conflict")]


def test_a_retracted_event_is_retracted_once_and_its_id_stays_taken(runtime: Runtime, loaded: Store) -> None:
    statuses(runtime, loaded, event("e1", "pitch"))
    retracted = [retract_feedback(loaded, "e1"), retract_feedback(loaded, "e1")]

    assert retracted == [True, False]
    assert statuses(runtime, loaded, event("e1", "win"))[0][1] == "event_id_conflict"


def test_an_event_that_never_came_cannot_be_retracted(loaded: Store) -> None:
    with pytest.raises(NotFound):
        retract_feedback(loaded, "nope")
