from dog.services.data.import_rows import import_rows
from dog.services.feedback.record_feedback import record_feedback
from dog.services.lists.unknown_names import (
    MAX_SUGGESTED,
    LoadedContacts,
    NearestProducts,
    UnknownName,
    find_unloaded_contacts,
    has_contact_rows,
)
from dog.services.runtime import Runtime
from dog.storage.catalogue import read_catalogue
from dog.storage.store import Store
from tests.conftest import event


def test_the_stub_that_feedback_writes_is_no_row(runtime: Runtime, loaded: Store) -> None:
    record_feedback(loaded, [event("e1", "win", contact_id="c8")], runtime.clock())

    assert find_unloaded_contacts(loaded, ["c1", "c8", "c9"]) == {"c8", "c9"}
    assert has_contact_rows(loaded)


def test_an_unloaded_contact_is_looked_up_again_until_it_is_loaded(runtime: Runtime, loaded: Store) -> None:
    contacts = LoadedContacts()
    before = contacts.find_unloaded(loaded, ["c1", "c9"])
    import_rows(loaded, "contacts", [{"contact_id": "c9", "segment": "gold"}], runtime.settings.zone)

    assert (before, contacts.find_unloaded(loaded, ["c1", "c9"])) == ({"c9"}, set())


def test_the_nearest_product_is_found_by_id_or_name_for_a_few_names_a_call(loaded: Store) -> None:
    catalogue, nearest = read_catalogue(loaded), NearestProducts()
    many = [f"p1{number}" for number in range(MAX_SUGGESTED + 1)]
    first, second = (nearest.suggest("default", catalogue, many) for _ in range(2))

    assert nearest.suggest("default", catalogue, ["telephone", "zebra"]) == {"telephone": "p2", "zebra": None}
    assert list(first.values()) == ["p1"] * MAX_SUGGESTED + [None]
    assert second == dict.fromkeys(many, "p1")


def test_the_sentence_says_what_is_unknown_and_what_was_meant() -> None:
    assert UnknownName("product", "egs", "eggs").message == "product 'egs' is not loaded; did you mean 'eggs'?"
    assert UnknownName("attribute_value", "a9").code == "unknown_attribute_value"
