"""Rules in words: what one does, and the name by which people know it."""

from collections.abc import Callable, Mapping
from typing import Any

from dog.console.texts import _, ngettext, number

ALWAYS = "true"
Document = Mapping[str, Any]


def rule_name(rule: Document) -> str:
    """Return the name of a rule for people: its reason, else its id.

    Examples
    --------
    >>> rule_name({"id": "push-gold", "reason": "Gold focus"}), rule_name({"id": "push-gold"})
    ('Gold focus', 'push-gold')

    """
    return str(rule.get("reason") or rule.get("id") or "")


def condition_words(rule: Document) -> str:
    """Return when a rule acts.

    Examples
    --------
    >>> condition_words({"when": "contact.segment = 'gold'"}), condition_words({})
    ("where contact.segment = 'gold'", 'always')

    """
    condition = str(rule.get("when") or ALWAYS).strip()
    return _("always") if condition == ALWAYS else _("where %(condition)s", condition=condition)


def effect_words(rule: Document) -> str:
    """Return what a rule does; the document as it is where it is none of the known effects.

    Examples
    --------
    >>> effect_words({"then": {"multiply": 1.2}})
    'multiplies the score by 1.2'
    >>> effect_words({"then": {"limit": {"event": "pitch", "by": "contact", "at_most": 3, "days": 7}}})
    'excludes after 3 pitches to the contact within 7 days'

    """
    then = rule.get("then")
    kind = next(iter(then), "") if isinstance(then, Mapping) and len(then) == 1 else ""
    try:
        return WORDS[kind](then[kind]) if kind in WORDS and then is not None else str(then)
    except (ArithmeticError, KeyError, TypeError, ValueError):  # a draft that the check refuses
        return str(then)


def _exclude(_value: Any) -> str:
    return _("excludes")


def _multiply(factor: float) -> str:
    return _("multiplies the score by %(factor)s", factor=number(factor, "0.####"))


def _cap(value: Document) -> str:
    return _("at most %(n)s with the same %(column)s on a list", n=number(value["at_most"]), column=value["by"])


def _exclusive(products: Any) -> str:
    return _("at most one of %(products)s on a list", products=", ".join(products))


def _pin(rank: int) -> str:
    return _("puts the best of them on place %(rank)s", rank=number(rank))


def _limit(value: Document) -> str:
    events = event_counts(value["event"], value["at_most"])
    whose = {
        "contact": _("to the contact"),
        "pair": _("of the product to the contact"),
        "category": _("of its category to the contact"),
        "product": _("of the product to anybody"),
    }[value["by"]]
    within = ngettext("within %(n)s day", "within %(n)s days", value["days"])
    return _("excludes after %(events)s %(whose)s %(within)s", events=events, whose=whose, within=within)


def event_counts(event: str, count: int) -> str:
    """Return a number of events of a type: 3 pitches."""
    return {
        "pitch": ngettext("%(n)s pitch", "%(n)s pitches", count),
        "win": ngettext("%(n)s win", "%(n)s wins", count),
        "loss": ngettext("%(n)s loss", "%(n)s losses", count),
        "accept": ngettext("%(n)s accept", "%(n)s accepts", count),
        "discard": ngettext("%(n)s discard", "%(n)s discards", count),
    }[event]


WORDS: Mapping[str, Callable[[Any], str]] = {
    "exclude": _exclude,
    "multiply": _multiply,
    "cap": _cap,
    "limit": _limit,
    "exclusive": _exclusive,
    "pin": _pin,
}
"""How each effect is written, by its kind (`rulebook.effect_kinds`)."""
