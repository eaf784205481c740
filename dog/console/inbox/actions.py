"""The actions of a rep on a recommendation: discard with a reason, restructure; and what a verdict did, in words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dog.console.inbox.verdict_words import effect_words
from dog.console.message_words import message_words
from dog.console.session import allows, key
from dog.console.texts import N_, _, number
from dog.storage.sender import Sender

VERBS = {
    "accept": N_("Accepted"),
    "discard": N_("Discarded"),
    "restructure": N_("Changed"),
    "pitch": N_("Pitched"),
    "win": N_("Won"),
    "loss": N_("Lost"),
}
OUTCOMES = ("pitch", "win", "loss")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One line of a card's menu: its key, its label, and what it adds to the event."""

    key: str
    label: str
    reason: Mapping[str, Any] | None = None
    replace: Mapping[str, str] | None = None


def discard_reasons(attributes: Mapping[str, Any]) -> list[Choice]:
    """List the reasons for a discard of an option; time and channel only if the option has one."""
    reasons: list[tuple[str, str, dict[str, Any]]] = [
        ("1", _("It will not sell here"), {"trigger": "performance"}),
        ("2", _("The market is against it"), {"trigger": "market"}),
        ("3", _("Not our business now"), {"trigger": "business"}),
        ("4", _("Wrong product for them"), {"trigger": "discomfort", "attribute": "product"}),
        ("5", _("Not this contact now"), {"trigger": "discomfort", "attribute": "contact"}),
        ("6", _("Not this account now"), {"trigger": "discomfort", "attribute": "account"}),
        ("7", _("The reasoning does not hold"), {"trigger": "discomfort", "attribute": "rationale"}),
    ]
    for digit, attribute in (("8", "channel"), ("9", "time")):
        if value := attributes.get(attribute):
            about = {"trigger": "discomfort", "attribute": attribute, "attribute_value": value}
            wrong = _("Wrong channel: not %(value)s") if attribute == "channel" else _("Wrong time: not %(value)s")
            reasons.append((digit, wrong % {"value": value}, about))
    choices = [Choice(key=digit, label=label, reason=reason) for digit, label, reason in reasons]
    return [*choices, Choice(key="0", label=_("No reason"))]


def replacements(attributes: Mapping[str, Any], product_id: str, offered: Mapping[str, Any]) -> list[Choice]:
    """List at most nine replacements for the option with these attributes.

    `offered` holds the `channels` and `times` of the contact, and `products`: pairs of id and name, best first.
    """
    found = [
        (_("%(new)s instead of %(old)s", new=other, old=value), {"attribute": attribute, "from": value, "to": other})
        for attribute in ("channel", "time")
        if (value := attributes.get(attribute))
        for other in offered[f"{attribute}s"]
        if other != value
    ]
    found += [
        (_("%(name)s instead", name=name), {"attribute": "product", "from": product_id, "to": other})
        for other, name in offered["products"]
        if other != product_id
    ]
    return [Choice(key=str(digit), label=label, replace=what) for digit, (label, what) in enumerate(found[:9], 1)]


def session_sender() -> Sender:
    """Return the session's key as the sender of its verdicts."""
    return Sender(key_id=key().key_id, is_admin=allows("admin"))


def describe_effect(
    kind: str, result: Mapping[str, Any], *, product: str, contact: str, reader: str, day: Callable[[str], str]
) -> str:
    """Describe in one line what an event did: where it acts, until when, and how many votes are still needed.

    `reader` sent it; `day` writes the day of an end.
    """
    names = {"product": product, "contact": contact}
    if result["status"] == "rejected":
        return _(
            "Not saved: %(product)s for %(contact)s. Reason: %(why)s", **names, why=message_words(result["message"])
        )
    effect = result.get("effect")
    if effect is None or kind in OUTCOMES:
        return _("%(verb)s: %(product)s for %(contact)s.", **names, verb=_(VERBS[kind]))
    if kind == "accept":
        said = _("Accepted %(product)s for %(contact)s: it is to do now.", **names)
        before, after = (f"×{number(effect[when], '0.00')}" for when in ("multiplier_before", "multiplier_after"))
        changed = _("It ranks higher: %(before)s → %(after)s.", before=before, after=after)
        return said if before == after else f"{said} {changed}"
    did = effect_words(effect["scopes"], product=product, contact=contact, reader=reader, day=day)
    said = _("Noted for %(contact)s: %(what)s.", contact=contact, what=did)
    if not did:
        said = _("Noted for %(contact)s.", contact=contact)
    warning = message_words(result.get("warning", {}).get("message", ""))
    return f"{said} {warning[0].upper()}{warning[1:]}." if warning else said
