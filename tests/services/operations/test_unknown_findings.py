from dog.services.data.import_rows import import_rows
from dog.services.feedback.answer_feedback import answer_feedback
from dog.services.operations.unknown_findings import check_unknown_names
from dog.services.runtime import Runtime
from dog.storage.sender import Sender
from dog.storage.store import Store
from dog.storage.tenant_settings import set_unknown_setting
from tests.conftest import event


def send(runtime: Runtime, event_id: str) -> None:
    answer_feedback(runtime, "default", [event(event_id, "win", "p11")], substitute=False, sender=Sender(key_id="key"))


def test_unknown_names_are_listed_with_their_counts_until_they_are_loaded(runtime: Runtime, loaded: Store) -> None:
    send(runtime, "e1")
    send(runtime, "e2")
    before = [(finding.about, finding.says, finding.ok) for finding in check_unknown_names(runtime, loaded)]
    import_rows(loaded, "products", [{"product_id": "p11"}], runtime.settings.zone)

    assert before == [("unknown names", "1 product without a row: p11 (2 times; did you mean p1?)", True)]
    assert list(check_unknown_names(runtime, loaded)) == []


def test_waiting_events_are_a_fault_with_its_remedy(runtime: Runtime, loaded: Store) -> None:
    set_unknown_setting(loaded, "quarantine")
    send(runtime, "e1")
    *_, waiting = check_unknown_names(runtime, loaded)

    assert (waiting.says, waiting.ok) == ("1 events wait for unknown names", False)
    assert "/v1/settings" in str(waiting.fix)
