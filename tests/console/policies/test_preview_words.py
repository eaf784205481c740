"""A preview is told in plain words."""

from typing import Any

from dog.console.policies.preview_words import describe_lists, rule_notes


def test_lists_that_change_are_told_with_the_products_that_gain_and_lose() -> None:
    found: dict[str, Any] = {
        "lists_changed": 3,
        "top_k_exchanged": 0.125,
        "rank_correlation": 1.0,
        "products": {"gain": {"p2": 3}, "lose": {"p1": -3}},
    }

    assert describe_lists(found, 60) == {
        "says": "3 of 60 lists change; 12.5 % of all places go to other products; "
        "the order of the others is unchanged.",
        "gain": [("p2", 3)],
        "lose": [("p1", -3)],
    }
    assert describe_lists(found | {"lists_changed": 0}, 60)["says"] == "None of 60 lists changes."


def test_a_rule_that_does_nothing_is_named() -> None:
    assert rule_notes({"a": {"note": "never fires"}, "b": {"fired": 3}}) == ["Rule a acts on nothing in these lists."]
