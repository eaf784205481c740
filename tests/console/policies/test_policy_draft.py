"""A draft is checked while it is edited; its verdict says what is right or wrong, and its rules read as words."""

from collections.abc import Callable

from dog.console.policies.policy_draft import PolicyDraft, draft_rules

Send = Callable[..., str]
POLICY = 'name = "recommended"\n'
RULE = """
[[rules]]
id = "no-fax"
when = "product.category = 'office'"
then = {exclude = true}
from = 2026-10-01
"""
EXAMPLE = """
[[examples]]
name = "no fax"
product = {category = "office"}
expect = {eligible = false}
"""


def test_a_valid_draft_counts_its_rules_and_examples_and_shows_what_changes(send: Send) -> None:
    text = send("check", text=POLICY + RULE + EXAMPLE)

    assert "Valid: 1 rule, 1 example passes" in text
    assert "New rule no-fax: excludes, where product.category = &#39;office&#39;" in text
    assert "New example: no fax" in text


def test_a_fault_has_its_line(send: Send) -> None:
    text = send("check", text=POLICY + RULE.replace("product.category", "product.categry"))

    assert "1 error<" in text
    assert 'data-line="5"' in text
    assert "did you mean product.category?" in text


def test_an_example_that_fails_is_an_error_at_its_place(send: Send) -> None:
    text = send("check", text=POLICY + RULE + EXAMPLE.replace("eligible = false", "eligible = true"))

    assert "1 error<" in text
    assert 'data-line="12"' in text


def test_text_that_is_no_toml_is_an_error(send: Send) -> None:
    assert 'data-line="2"' in send("check", text=POLICY + "rules = [")


def test_rules_of_a_draft_are_told_in_words() -> None:
    rule = {"id": "r", "then": {"pin": 1}, "from": "2026-10-01"}
    draft = PolicyDraft(policy="a", text="", document={"rules": [rule]}, verdict="")

    assert draft.rules == [
        {
            "id": "r",
            "name": "r",
            "effect": "puts the best of them on place 1",
            "where": "always",
            "days": "from 2026-10-01",
        }
    ]


def test_what_is_no_rule_is_left_out() -> None:
    assert draft_rules({"rules": [1, {"id": "a"}]}) == [{"id": "a"}]
    assert draft_rules({"rules": "none"}) == []
