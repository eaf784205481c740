"""Shadow lists in words: which list held the later wins, and how sure that is."""

from collections.abc import Mapping
from typing import Any

from dog.console.texts import N_, _, percent

HELD_BY = {
    "both": N_("both lists"),
    "served": N_("the served list alone"),
    "challenger": N_("the challenger's list alone"),
    "neither": N_("neither list"),
}
POINTS = "+#,##0.0 %;-#,##0.0 %"


def count_wins(found: Mapping[str, Any]) -> list[tuple[str, int]]:
    """Return by which list the products of later wins were held, and how many."""
    return [(_(text), found["wins"][name]) for name, text in HELD_BY.items()]


def describe_wins(found: Mapping[str, Any]) -> str:
    """Return how much more of the later wins the challenger's lists held, with its intervals."""
    held = found["held_more"]
    if held["low"] is None:
        return _("Too few contacts have won since to say which list held more.")
    shares = {name: "" if value is None else percent(value, POINTS) for name, value in held.items()}
    over_contacts = _(
        "Share of the wins on the challenger's lists, less that on the served ones: %(value)s (95 %% interval over "
        "contacts %(low)s to %(high)s).",
        **shares,
    )
    over_weeks = "" if held["week_low"] is None else _("Over weeks it is %(week_low)s to %(week_high)s.", **shares)
    tie = _("Being shown helps a product to win, so a tie speaks for the challenger.")
    return " ".join(one for one in (over_contacts, over_weeks, tie) if one)


def both_ways(moves: Mapping[str, Mapping[str, int]]) -> list[tuple[str, int]]:
    """Return names and numbers of lists, gains first."""
    return [*moves["gain"].items(), *moves["lose"].items()]
