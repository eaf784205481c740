"""The menus of a card, and the sentence that follows a verdict."""

from typing import Any

from dog.console.inbox.actions import describe_effect, discard_reasons, replacements


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


def described(kind: str, result: dict[str, Any]) -> str:
    return describe_effect(kind, result, product="Fax", contact="Ann", reader="ada", day=lambda until: until[:10])


def test_an_accept_shows_both_multipliers_where_they_differ() -> None:
    changed = {"status": "accepted", "effect": {"multiplier_before": 1.0, "multiplier_after": 1.25, "scopes": []}}
    same = {"status": "accepted", "effect": {"multiplier_before": 1.0, "multiplier_after": 1.0, "scopes": []}}

    assert described("accept", changed) == ("Accepted Fax for Ann: it is to do now. It ranks higher: ×1.00 → ×1.25.")
    assert described("accept", same) == "Accepted Fax for Ann: it is to do now."
    assert described("win", same) == described("win", {"status": "accepted"}) == "Won: Fax for Ann."


def test_a_refused_event_says_why_it_is_not_saved() -> None:
    refused = {"status": "rejected", "message": "its week is archived"}

    assert described("accept", refused) == "Not saved: Fax for Ann. Reason: its week is archived"


def test_a_discard_shows_what_rests_until_when_and_its_warning() -> None:
    pair = {"scope": "pair", "key": "p1", "votes": 1, "needed": 1, "factor": 0.0, "until": "2026-12-04T12:00:00Z"}
    effect = {"multiplier_before": 1.0, "multiplier_after": 0.0, "scopes": [pair]}
    warned = {"status": "accepted", "effect": effect, "warning": {"code": "no_category", "message": "it has none"}}
    over = {"status": "accepted", "effect": effect | {"scopes": []}, "warning": {"code": "rest_over", "message": "old"}}

    assert described("discard", warned) == "Noted for Ann: Fax rests until 2026-12-04. It has none."
    assert described("discard", over) == "Noted for Ann. Old."
