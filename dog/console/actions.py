"""What a rep can do with a recommendation: the keys, the reasons, and the event that each writes."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dog.console.session import key, runtime, tenant
from dog.services.feedback.feedback_effects import record_with_effects


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of a card's menu: the key that takes it, what it says, what it writes."""

    key: str
    says: str
    reason: Mapping[str, Any] | None = None
    replace: Mapping[str, str] | None = None


def reasons(attributes: Mapping[str, Any]) -> list[Choice]:
    """List the reasons for a discard; those about a time or channel only where the option has one."""
    found = [
        Choice("1", "It will not sell here", {"trigger": "performance"}),
        Choice("2", "The market is against it", {"trigger": "market"}),
        Choice("3", "Not our business now", {"trigger": "business"}),
        Choice("4", "Wrong product for them", {"trigger": "discomfort", "attribute": "product"}),
        Choice("5", "Not this contact now", {"trigger": "discomfort", "attribute": "contact"}),
        Choice("6", "Not this account now", {"trigger": "discomfort", "attribute": "account"}),
        Choice("7", "The reasoning does not hold", {"trigger": "discomfort", "attribute": "rationale"}),
    ]
    for number, attribute in (("8", "channel"), ("9", "time")):
        if value := attributes.get(attribute):
            about = {"trigger": "discomfort", "attribute": attribute, "attribute_value": value}
            found.append(Choice(number, f"Wrong {attribute}: not {value}", about))
    return [*found, Choice("0", "No reason")]


def substitutes(attributes: Mapping[str, Any], product_id: str, offered: Mapping[str, Any]) -> list[Choice]:
    """List what may come in an option's place, at most nine.

    Parameters
    ----------
    attributes
        The option's own.
    product_id
        Its product.
    offered
        `channels` and `times` the contact may have, and `products`: pairs of id and name, best first.

    """
    found = []
    for attribute in ("channel", "time"):
        value = attributes.get(attribute)
        for other in offered[f"{attribute}s"]:
            if value and other != value:
                replaces = {"attribute": attribute, "from": value, "to": other}
                found.append((f"{other} instead of {value}", replaces))
    for other, name in offered["products"]:
        if other != product_id:
            replaces = {"attribute": "product", "from": product_id, "to": other}
            found.append((f"{name} instead", replaces))
    return [Choice(str(number), says, replace=what) for number, (says, what) in enumerate(found[:9], 1)]


def write_verdict(contact_id: str, product_id: str, what: str, more: Mapping[str, Any]) -> dict[str, Any]:
    """Record one verdict of whoever is logged in; its result, with effect and substitute."""
    document = {
        "event_id": f"console-{secrets.token_hex(12)}",
        "type": what,
        "contact_id": contact_id,
        "product_id": product_id,
        "occurred_at": datetime.fromtimestamp(runtime().clock() / 1000, UTC).isoformat(timespec="milliseconds"),
        "actor_id": key().name or key().key_id,
        **more,
    }
    by_admin = "admin" in key().scopes
    answer = record_with_effects(runtime(), tenant(), [document], substitute=what != "accept", by_admin=by_admin)
    result: dict[str, Any] = answer["results"][0]
    return result


def say_effect(verb: str, name: str, result: Mapping[str, Any]) -> str:
    """Say in one line what a verdict did."""
    if result["status"] == "rejected":
        return f"{name} was not {verb.lower()}: {result.get('message', 'the event was refused')}"
    effect = result.get("effect")
    if effect is None:
        return f"{verb} {name}."
    before, after = f"{effect['multiplier_before']:.2f}", f"{effect['multiplier_after']:.2f}"
    if before == after:
        return f"{verb} {name}: noted; its multiplier stays {after} until it is said again."
    return f"{verb} {name}: {before} → {after}."
