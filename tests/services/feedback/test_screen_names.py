from typing import Any

import pytest

from dog.errors import NotFound
from dog.services.data.erase import erase
from dog.services.data.import_rows import import_rows
from dog.services.feedback.answer_feedback import answer_feedback
from dog.services.feedback.record_feedback import retract_feedback
from dog.services.feedback.release_quarantine import release_quarantine
from dog.services.runtime import Runtime
from dog.storage import quarantine
from dog.storage.name_counts import read_unknown_names
from dog.storage.sender import Sender
from dog.storage.store import Store
from dog.storage.tenant_settings import set_unknown_setting
from tests.conftest import event

WARNING = {"code": "unknown_product", "message": "product 'p11' is not loaded; did you mean 'p1'?"}


def send(runtime: Runtime, *documents: dict[str, Any]) -> Any:
    return answer_feedback(runtime, "default", documents, substitute=False, sender=Sender(key_id="key"))


def statuses(answer: Any) -> list[tuple[str, str | None]]:
    return [(row["status"], row.get("code")) for row in answer["results"]]


def load_product(runtime: Runtime, store: Store, product_id: str) -> int:
    import_rows(store, "products", [{"product_id": product_id, "name": "New"}], runtime.settings.zone)
    return release_quarantine(runtime, store)


def test_an_unknown_name_is_accepted_with_a_warning_and_counted(runtime: Runtime, loaded: Store) -> None:
    answer = send(runtime, event("e1", "win", "p11"), event("e2", "win"))

    assert statuses(answer) == [("accepted", None), ("accepted", None)]
    assert [row.get("warning") for row in answer["results"]] == [WARNING, None]
    assert "quarantined" not in answer
    assert read_unknown_names(loaded) == {("product", "p11"): 1}


def test_refuse_rejects_it_with_the_code_and_its_id_stays_free(runtime: Runtime, loaded: Store) -> None:
    set_unknown_setting(loaded, "refuse")
    refused = send(runtime, event("e1", "win", "p11"))
    again = send(runtime, event("e1", "win", "p1"))

    assert refused["results"] == [
        {"event_id": "e1", "status": "rejected", "code": "unknown_product", "message": WARNING["message"]}
    ]
    assert statuses(again) == [("accepted", None)]


def test_what_was_accepted_before_stays_a_duplicate_under_refuse(runtime: Runtime, loaded: Store) -> None:
    send(runtime, event("e1", "win", "p11"))
    set_unknown_setting(loaded, "refuse")

    assert statuses(send(runtime, event("e1", "win", "p11"))) == [("duplicate", None)]


def test_a_quarantined_event_waits_is_a_duplicate_when_sent_again_and_a_conflict_when_changed(
    runtime: Runtime, loaded: Store
) -> None:
    set_unknown_setting(loaded, "quarantine")
    first = send(runtime, event("e1", "win", "p11"), event("e1", "win", "p11"))
    second = send(runtime, event("e1", "win", "p11"), event("e1", "loss", "p11"))

    assert statuses(first) == [("quarantined", None), ("duplicate", None)]
    assert (first["quarantined"], first["accepted"]) == (1, 0)
    assert first["results"][0]["warning"] == WARNING
    assert statuses(second) == [("duplicate", None), ("rejected", "event_id_conflict")]


def test_a_waiting_event_is_taken_back_by_its_retraction(runtime: Runtime, loaded: Store) -> None:
    set_unknown_setting(loaded, "quarantine")
    send(runtime, event("e1", "win", "p11"))

    assert retract_feedback(loaded, "e1")
    assert load_product(runtime, loaded, "p11") == 0
    with pytest.raises(NotFound):
        retract_feedback(loaded, "e1")


def test_a_full_quarantine_refuses_new_events_and_knows_the_old(
    runtime: Runtime, loaded: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_unknown_setting(loaded, "quarantine")
    send(runtime, event("e1", "win", "p11"))
    monkeypatch.setattr(quarantine, "MAX_WAITING", 1)

    answer = send(runtime, event("e1", "win", "p11"), event("e2", "win", "p11"))

    assert statuses(answer) == [("duplicate", None), ("rejected", "quarantine_full")]


def test_nothing_of_an_erased_contact_waits(runtime: Runtime, loaded: Store) -> None:
    set_unknown_setting(loaded, "quarantine")
    send(runtime, event("e1", "win", "p11"), event("e2", "win", "p11", contact_id="c2"))
    erase(runtime, "default", "c1")
    left = [one.event.event_id for group in quarantine.read_waiting(loaded) for one in group]

    assert left == ["e2"]
    assert statuses(send(runtime, event("e3", "win", "p11"))) == [("rejected", "contact_erased")]
