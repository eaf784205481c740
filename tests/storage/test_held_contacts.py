"""Contacts that open inboxes hold."""

from dog.storage.held_contacts import HELD_SECONDS, held_by_others, hold_contacts
from dog.storage.store import Store

ANN, BOB = b"a" * 16, b"b" * 16
LATER_MS = 1000 * HELD_SECONDS


def test_a_contact_is_held_from_other_inboxes_until_its_time_is_over(store: Store) -> None:
    hold_contacts(store, [ANN, BOB], "one", 0)
    hold_contacts(store, [BOB], "two", 1)

    assert held_by_others(store, "one", 1) == {BOB}
    assert held_by_others(store, "two", 1) == {ANN}
    assert held_by_others(store, "two", LATER_MS) == set()
    assert held_by_others(store, "one", LATER_MS) == {BOB}


def test_no_contact_is_held_where_none_is_named(store: Store) -> None:
    hold_contacts(store, [], "one", 0)

    assert held_by_others(store, "two", 0) == set()
