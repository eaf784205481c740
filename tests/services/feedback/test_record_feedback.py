from contextlib import suppress
from typing import Any

import pytest

from dog.errors import NotFound, StoreUnavailable
from dog.services.feedback.record_feedback import MAX_EVENTS, EventResult, record_feedback, retract_feedback
from dog.services.runtime import Runtime
from dog.storage.claims import find_event_contact
from dog.storage.connection import connect
from dog.storage.embedded import EmbeddedServer
from dog.storage.event_log import Status
from dog.storage.retract import read_event
from dog.storage.store import Store
from tests.conftest import event
from tests.services.conftest import one_server


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


def fill_up(runtime: Runtime, store: Store, redis_server: EmbeddedServer) -> tuple[list[Any], list[EventResult]]:
    """Send events of many contacts to a server with ever more room until it becomes full amid a call."""
    with connect(redis_server.url, timeout_seconds=5) as client:
        for room in range(0, 4 << 20, 64 << 10):
            sent = [event(f"e{room}-{n}", "pitch", contact_id=f"x{room}-{n}") for n in range(MAX_EVENTS)]
            client.config_set("maxmemory", client.info("memory")["used_memory"] + room)
            results = []
            with suppress(StoreUnavailable):
                results = record_feedback(store, sent, runtime.clock())
            client.config_set("maxmemory", 0)
            if len({result.status for result in results}) > 1:
                return sent, results
            assert all(is_recorded(store, each["event_id"]) == bool(results) for each in sent)
    raise AssertionError("it never became full amid a call")


def is_recorded(store: Store, event_id: str) -> bool:
    try:
        contact = find_event_contact(store, event_id)
    except NotFound:
        return False
    return read_event(store, contact, event_id) is not None


@one_server
def test_where_redis_becomes_full_amid_a_call_each_event_is_answered_as_it_was_recorded(
    runtime: Runtime, loaded: Store, redis_server: EmbeddedServer
) -> None:
    sent, results = fill_up(runtime, loaded, redis_server)
    answered = {result.event_id: (result.status, result.code) for result in results}
    recorded = {each["event_id"] for each in sent if is_recorded(loaded, each["event_id"])}
    again = record_feedback(loaded, sent, runtime.clock())

    assert set(answered.values()) == {(Status.ACCEPTED, None), (Status.REJECTED, "store_full")}
    assert recorded == {event_id for event_id, (status, _) in answered.items() if status is Status.ACCEPTED}
    assert {result.event_id for result in again if result.status is Status.DUPLICATE} == recorded
    assert {result.event_id for result in again if result.status is Status.ACCEPTED} == answered.keys() - recorded
