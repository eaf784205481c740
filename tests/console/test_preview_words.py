"""A preview is described in plain words."""

from typing import Any

from dog.console.preview_words import describe_lists, rule_notes
from dog.storage.catalogue import read_catalogue
from dog.storage.store import Store


def test_lists_that_change_are_told_with_the_products_that_gain_and_lose(loaded: Store) -> None:
    catalogue = read_catalogue(loaded)
    found: dict[str, Any] = {
        "lists_changed": 3,
        "lists_emptied": 0,
        "lists_shortened": 0,
        "top_k_exchanged": 0.125,
        "rank_correlation": 1.0,
        "products": {"gain": {"p2": 3}, "lose": {"p1": -3}},
    }

    assert describe_lists(found, 60, catalogue) == {
        "says": "3 of 60 lists change; 12.5 % of all places go to other products; "
        "the order of the others is unchanged.",
        "fewer": "",
        "gain": [("Phone", 3)],
        "lose": [("Fax", -3)],
    }
    assert describe_lists(found | {"lists_changed": 0}, 60, catalogue)["says"] == "None of 60 lists changes."
    longer = describe_lists(found | {"top_k_exchanged": 0.0}, 60, catalogue)["says"]
    assert longer == "3 of 60 lists change; the order of the others is unchanged."


def test_lists_that_become_empty_or_shorter_are_counted(loaded: Store) -> None:
    catalogue = read_catalogue(loaded)
    found: dict[str, Any] = {"lists_changed": 9, "top_k_exchanged": 1.0, "rank_correlation": None, "products": {}}

    def fewer(emptied: int, shortened: int) -> str:
        counts = {"lists_emptied": emptied, "lists_shortened": shortened}
        return str(describe_lists(found | counts, 60, catalogue)["fewer"])

    assert fewer(1, 0) == "1 list becomes empty."
    assert fewer(8, 1) == "8 lists become empty. 1 list becomes shorter."


def test_a_rule_that_does_nothing_is_named() -> None:
    assert rule_notes({"a": {"note": "never fires"}, "b": {"fired": 3}}) == ["Rule a acts on nothing in these lists."]
