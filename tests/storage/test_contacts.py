import numpy as np

from dog.core.records import SCORES
from dog.storage.contacts import ensure_contacts, read_arrays, read_records, select_scores, write_arrays
from dog.storage.store import Store


def test_a_product_without_a_score_is_nan() -> None:
    found = select_scores(np.array([(1, 0.5), (3, 0.25)], SCORES), np.array([3, 2, 1]))

    assert np.isnan(found).tolist() == [False, True, False]
    assert found[[0, 2]].tolist() == [0.25, 0.5]


def test_a_contact_known_from_feedback_alone_never_replaces_a_loaded_one(store: Store) -> None:
    write_arrays(store, "contacts", "", {store.tenant.contact("c1"): b'{"contact_id":"c1","name":"Ann"}'})
    ensure_contacts(store, {contact: store.tenant.contact(contact) for contact in ("c1", "c2")})

    assert read_records(store, ["c1", "c2", "c3"]) == {
        "c1": {"contact_id": "c1", "name": "Ann"},
        "c2": {"contact_id": "c2"},
    }


def test_arrays_are_read_in_the_order_asked_for(store: Store) -> None:
    one, two, three = (store.tenant.contact(contact) for contact in ("c1", "c2", "c3"))
    write_arrays(store, "scores", "cf", {one: b"1", two: b"2"})

    assert read_arrays(store, "scores", "cf", [two, three, one]) == [b"2", None, b"1"]
