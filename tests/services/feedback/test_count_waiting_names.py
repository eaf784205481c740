"""Waiting events are counted by the name they wait for."""

from typing import Any

from dog.services.data.import_rows import import_rows
from dog.services.feedback.answer_feedback import answer_feedback
from dog.services.feedback.count_waiting_names import WaitingNames, count_waiting_names
from dog.services.runtime import Runtime
from dog.storage.sender import Sender
from dog.storage.store import Store
from dog.storage.tenant_settings import set_unknown_setting
from tests.conftest import event


def send(runtime: Runtime, *documents: dict[str, Any]) -> None:
    answer_feedback(runtime, "default", documents, substitute=False, sender=Sender(key_id="key"))


def test_the_names_are_counted_and_what_can_be_recorded_by_now(runtime: Runtime, loaded: Store) -> None:
    assert count_waiting_names(runtime, loaded) == WaitingNames(events=0)

    set_unknown_setting(loaded, "quarantine")
    send(runtime, event("e1", "win", "p11"), event("e2", "win", "p11"), event("e3", "win", "p12"))
    import_rows(loaded, "products", [{"product_id": "p12"}], runtime.settings.zone)
    found = count_waiting_names(runtime, loaded)

    assert (found.events, found.looked_at, found.known) == (3, 3, 1)
    assert [(one.kind, one.name, count) for one, count in found.names] == [("product", "p11", 2)]


def test_with_the_setting_accept_all_can_be_recorded(runtime: Runtime, loaded: Store) -> None:
    set_unknown_setting(loaded, "quarantine")
    send(runtime, event("e1", "win", "p11"))
    set_unknown_setting(loaded, "accept")

    assert count_waiting_names(runtime, loaded).known == 1
