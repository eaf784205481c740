"""The menus of a card, and the sentence that follows a verdict."""

from dog.console.actions import describe_effect, discard_reasons, replacements


def test_an_option_without_channel_and_time_cannot_be_discarded_for_them() -> None:
    plain, full = discard_reasons({}), discard_reasons({"channel": "call", "time": "morning"})

    assert [choice.key for choice in plain] == ["1", "2", "3", "4", "5", "6", "7", "0"]
    assert [choice.label for choice in full if choice.key in "89"] == [
        "Wrong channel: not call",
        "Wrong time: not morning",
    ]
    assert plain[-1].reason is None


def test_replacements_leave_out_what_the_option_already_has() -> None:
    offered = {"channels": ["call", "email"], "times": ["morning"], "products": [("p1", "Fax"), ("p2", "Phone")]}
    choices = replacements({"channel": "call"}, "p1", offered)

    assert [(choice.key, choice.label) for choice in choices] == [
        ("1", "email instead of call"),
        ("2", "Phone instead"),
    ]
    assert choices[0].replace == {"attribute": "channel", "from": "call", "to": "email"}


def test_at_most_nine_replacements_have_a_key() -> None:
    offered = {"channels": [], "times": [], "products": [(f"p{n}", f"Product {n}") for n in range(20)]}

    assert len(replacements({}, "p0", offered)) == 9


def test_the_effect_shows_both_multipliers_or_why_there_is_none() -> None:
    changed = {"status": "accepted", "effect": {"multiplier_before": 1.0, "multiplier_after": 1.25}}
    same = {"status": "accepted", "effect": {"multiplier_before": 1.0, "multiplier_after": 1.0}}

    assert describe_effect("Accepted", "Fax", changed) == "Accepted Fax: 1.00 → 1.25."
    assert "stays 1.00" in describe_effect("Accepted", "Fax", same)
    assert describe_effect("Accepted", "Fax", {"status": "accepted"}) == "Accepted Fax."
    assert describe_effect("Accepted", "Fax", {"status": "rejected", "message": "too late"}) == (
        "Fax was not accepted: too late"
    )
