"""A preview is described in plain words."""

from typing import Any

from dog.console.preview_words import describe_lists, rule_notes
from dog.storage.catalogue import read_catalogue
from dog.storage.store import Store


def test_lists_that_change_are_told_with_the_products_that_gain_and_lose(loaded: Store) -> None:
    catalogue = read_catalogue(loaded)
    found: dict[str, Any] = {
        "lists_changed": 3,
        "top_k_exchanged": 0.125,
        "rank_correlation": 1.0,
        "products": {"gain": {"p2": 3}, "lose": {"p1": -3}},
    }

    assert describe_lists(found, 60, catalogue) == {
        "says": "3 of 60 lists change; 12.5 % of all places go to other products; "
        "the order of the others is unchanged.",
        "gain": [("Phone", 3)],
        "lose": [("Fax", -3)],
    }
    assert describe_lists(found | {"lists_changed": 0}, 60, catalogue)["says"] == "None of 60 lists changes."
    longer = describe_lists(found | {"top_k_exchanged": 0.0}, 60, catalogue)["says"]
    assert longer == "3 of 60 lists change; the order of the others is unchanged."


def test_a_rule_that_does_nothing_is_named() -> None:
    assert rule_notes({"a": {"note": "never fires"}, "b": {"fired": 3}}) == ["Rule a acts on nothing in these lists."]
