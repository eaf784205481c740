import pytest

from dog.storage import name_counts
from dog.storage.name_counts import count_unknown_names, forget_unknown_names, read_unknown_names
from dog.storage.store import Store


def test_counts_add_up_and_contacts_are_counted_without_their_ids(store: Store) -> None:
    for _ in range(2):
        count_unknown_names(store, {("product", "a:b"): 2, ("contact", "c9"): 1, ("contact", "c8"): 1})
    counts = read_unknown_names(store)
    forget_unknown_names(store, [("product", "a:b")])

    assert counts == {("product", "a:b"): 4, ("contact", ""): 4}
    assert read_unknown_names(store) == {("contact", ""): 4}


def test_names_beyond_the_bound_are_left_out(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(name_counts, "MAX_NAMES", 2)
    count_unknown_names(store, {("product", name): 1 for name in "abc"})
    count_unknown_names(store, {("product", "a"): 1})

    assert read_unknown_names(store) == {("product", "a"): 2, ("product", "b"): 1}
