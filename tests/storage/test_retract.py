from dog.core.records import OUTCOME
from dog.services.feedback.record_feedback import record_feedback
from dog.services.runtime import Runtime
from dog.storage.catalogue import read_catalogue
from dog.storage.retract import read_event, retract_event
from dog.storage.store import Store

PITCH = {
    "event_id": "e1",
    "type": "pitch",
    "contact_id": "c1",
    "product_id": "p1",
    "occurred_at": "2026-11-20T10:00:00Z",
}


def test_an_event_is_taken_back_once_and_leaves_a_marker(runtime: Runtime, store: Store) -> None:
    record_feedback(store, [PITCH, {**PITCH, "event_id": "e2"}], runtime.clock())
    contact, numbers = store.tenant.contact("c1"), read_catalogue(store).numbers
    entry = read_event(store, contact, "e1")
    assert entry is not None

    assert retract_event(store, contact, "e1", entry, numbers)
    assert not retract_event(store, contact, "e1", entry, numbers)
    assert not retract_event(store, contact, "e1", read_event(store, contact, "e1") or b"", numbers)
    ledger = store.execute("GET", store.tenant.partition(contact).contact("outcomes", contact))
    assert len(ledger) == OUTCOME.itemsize
