"""The actions of a rep on a recommendation: accept, discard with a reason, restructure; each writes an event."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dog.console.session import allows, author, key, runtime, tenant
from dog.services.feedback.answer_feedback import answer_feedback
from dog.storage.sender import Sender


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
        ("1", "It will not sell here", {"trigger": "performance"}),
        ("2", "The market is against it", {"trigger": "market"}),
        ("3", "Not our business now", {"trigger": "business"}),
        ("4", "Wrong product for them", {"trigger": "discomfort", "attribute": "product"}),
        ("5", "Not this contact now", {"trigger": "discomfort", "attribute": "contact"}),
        ("6", "Not this account now", {"trigger": "discomfort", "attribute": "account"}),
        ("7", "The reasoning does not hold", {"trigger": "discomfort", "attribute": "rationale"}),
    ]
    for number, attribute in (("8", "channel"), ("9", "time")):
        if value := attributes.get(attribute):
            about = {"trigger": "discomfort", "attribute": attribute, "attribute_value": value}
            reasons.append((number, f"Wrong {attribute}: not {value}", about))
    choices = [Choice(key=number, label=label, reason=reason) for number, label, reason in reasons]
    return [*choices, Choice(key="0", label="No reason")]


def replacements(attributes: Mapping[str, Any], product_id: str, offered: Mapping[str, Any]) -> list[Choice]:
    """List at most nine replacements for the option with these attributes.

    `offered` holds the `channels` and `times` of the contact, and `products`: pairs of id and name, best first.
    """
    found = [
        (f"{other} instead of {value}", {"attribute": attribute, "from": value, "to": other})
        for attribute in ("channel", "time")
        if (value := attributes.get(attribute))
        for other in offered[f"{attribute}s"]
        if other != value
    ]
    found += [
        (f"{name} instead", {"attribute": "product", "from": product_id, "to": other})
        for other, name in offered["products"]
        if other != product_id
    ]
    return [Choice(key=str(number), label=label, replace=what) for number, (label, what) in enumerate(found[:9], 1)]


def record_verdict(contact_id: str, product_id: str, what: str, more: Mapping[str, Any]) -> dict[str, Any]:
    """Record a verdict of the session's user; return its result, with effect and substitute."""
    document = {
        "event_id": f"console-{secrets.token_hex(12)}",
        "type": what,
        "contact_id": contact_id,
        "product_id": product_id,
        "occurred_at": datetime.fromtimestamp(runtime().clock() / 1000, UTC).isoformat(timespec="milliseconds"),
        "actor_id": author(),
        **more,
    }
    sender = Sender(key_id=key().key_id, is_admin=allows("admin"))
    answer = answer_feedback(runtime(), tenant(), [document], substitute=what != "accept", sender=sender)
    result: dict[str, Any] = answer["results"][0]
    return result


def describe_effect(verb: str, name: str, result: Mapping[str, Any]) -> str:
    """Describe in one line what a verdict did."""
    if result["status"] == "rejected":
        return f"{name} was not {verb.lower()}: {result.get('message', 'the event was refused')}"
    effect = result.get("effect")
    if effect is None:
        return f"{verb} {name}."
    before, after = f"{effect['multiplier_before']:.2f}", f"{effect['multiplier_after']:.2f}"
    if before == after:
        return f"{verb} {name}: noted; its multiplier stays {after} until it is said again."
    return f"{verb} {name}: {before} → {after}."
