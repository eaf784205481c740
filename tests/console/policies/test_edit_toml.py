"""Forms change the text of a policy; comments of everything else stay."""

import tomllib

from dog.console.policies.edit_toml import set_value, swap_rules, write_rule

TEXT = """# ours
name = "a"
[models]
cf = {weight = 0.4}   # main
churn = {weight = 1, direction = "lower_is_better"}

[[rules]]   # first
id = "a"
then = {exclude = true}

# about b
[[rules]]
id = "b"
then = {pin = 1}

[consolidation]
method = "mean"
"""
NEW = {"id": "c", "when": "product.category = 'fax'", "then": {"multiply": 1.5}}


def ids(text: str) -> list[str]:
    return [rule["id"] for rule in tomllib.loads(text)["rules"]]


def test_a_rule_is_replaced_removed_and_added_beside_comments() -> None:
    replaced, removed, added = write_rule(TEXT, 0, NEW), write_rule(TEXT, 1, None), write_rule(TEXT, None, NEW)

    assert (ids(replaced), ids(removed), ids(added)) == (["c", "b"], ["a"], ["a", "b", "c"])
    for text in (replaced, removed, added):
        assert "# ours" in text
        assert "# about b" in text
        assert tomllib.loads(text)["consolidation"] == {"method": "mean"}


def test_two_rules_change_places_with_the_comments_above_them() -> None:
    third = TEXT + '\n# about c\n[[rules]]\nid = "c"\nthen = {pin = 2}'
    swapped, last = swap_rules(TEXT, 0), swap_rules(third, 1)

    assert (ids(swapped), ids(last)) == (["b", "a"], ["a", "c", "b"])
    assert '# about b\n[[rules]]\nid = "b"' in swapped
    assert '[[rules]]   # first\nid = "a"' in swapped
    assert swap_rules(swapped, 0) == TEXT
    assert tomllib.loads(last)["consolidation"] == {"method": "mean"}
    assert swap_rules(TEXT, 1) == swap_rules(TEXT, -1) == TEXT  # nothing follows, nothing is above
    assert ids(swap_rules('name = "a"\nrules = [{id = "a", then = {pin = 1}}, {id = "b", then = {pin = 2}}]', 0)) == [
        "b",
        "a",
    ]


def test_a_value_changes_in_its_place() -> None:
    text = set_value(TEXT, ("models", "cf", "weight"), 0.7)

    assert text == TEXT.replace("0.4}", "0.7}")
    assert set_value(text, ("models", "cf", "weight"), 0.7) == text
    assert set_value(TEXT, ("consolidation", "method"), "rrf") == TEXT.replace('"mean"', '"rrf"')


def test_what_the_text_does_not_hold_is_written_with_the_whole_document() -> None:
    text = set_value(TEXT, ("reinforcement", "a_max"), 2.0)

    assert tomllib.loads(text) == tomllib.loads(TEXT) | {"reinforcement": {"a_max": 2.0}}
    assert ids(write_rule('name = "a"\nrules = [{id = "a", then = {pin = 1}}]\n', 0, NEW)) == ["c"]
    assert "rules" not in tomllib.loads(write_rule('name = "a"\n[[rules]]\nid = "a"\nthen = {pin = 1}', 0, None))
