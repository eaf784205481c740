from typing import Any

import pytest

from dog.services.data.import_rows import import_rows
from dog.services.feedback.answer_feedback import answer_feedback
from dog.services.feedback.release_quarantine import release_quarantine
from dog.services.runtime import Runtime
from dog.storage import quarantine
from dog.storage.sender import Sender
from dog.storage.store import Store
from dog.storage.tenant_settings import set_unknown_setting
from tests.conftest import event


def send(runtime: Runtime, *documents: dict[str, Any]) -> Any:
    return answer_feedback(runtime, "default", documents, substitute=False, sender=Sender(key_id="key"))


def statuses(answer: Any) -> list[tuple[str, str | None]]:
    return [(row["status"], row.get("code")) for row in answer["results"]]


def load_product(runtime: Runtime, store: Store, product_id: str) -> int:
    import_rows(store, "products", [{"product_id": product_id, "name": "New"}], runtime.settings.zone)
    return release_quarantine(runtime, store)


def test_it_is_recorded_once_when_its_row_is_loaded(runtime: Runtime, loaded: Store) -> None:
    set_unknown_setting(loaded, "quarantine")
    document = event("e1", "win", "p11", value=7.5)
    send(runtime, document)
    other = load_product(runtime, loaded, "p12")
    released = [load_product(runtime, loaded, "p11"), release_quarantine(runtime, loaded)]

    assert (other, released) == (0, [1, 0])
    assert statuses(send(runtime, document)) == [("duplicate", None)]
    assert statuses(send(runtime, event("e1", "win", "p11"))) == [("rejected", "event_id_conflict")]


def test_a_kill_between_recording_and_removing_loses_and_doubles_nothing(
    runtime: Runtime, loaded: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_unknown_setting(loaded, "quarantine")
    send(runtime, event("e1", "win", "p11"))
    with monkeypatch.context() as patch:
        patch.setattr("dog.services.feedback.release_quarantine.drop_waiting", lambda *_: 0)
        load_product(runtime, loaded, "p11")
    waiting = quarantine.count_waiting(loaded)

    assert (waiting, release_quarantine(runtime, loaded), quarantine.count_waiting(loaded)) == (1, 1, 0)
    assert statuses(send(runtime, event("e1", "win", "p11"))) == [("duplicate", None)]


def test_with_the_setting_accept_again_what_waits_is_recorded(runtime: Runtime, loaded: Store) -> None:
    set_unknown_setting(loaded, "quarantine")
    send(runtime, event("e1", "win", "p11"))
    set_unknown_setting(loaded, "accept")

    assert release_quarantine(runtime, loaded) == 1
    assert statuses(send(runtime, event("e1", "win", "p11"))) == [("duplicate", None)]
