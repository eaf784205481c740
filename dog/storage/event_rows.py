"""Events as rows of a feedback file: what is written out can be loaded again."""

from datetime import UTC, datetime
from typing import Any

from dog.core.events import Attribute, EventType, Trigger
from dog.storage.event_log import Event

COLUMNS = (
    "event_id",
    "type",
    "contact_id",
    "product_id",
    "occurred_at",
    "decision_id",
    "actor_id",
    "pitch_id",
    "trigger",
    "attribute",
    "attribute_value",
    "replacement",
    "value",
    "note",
    "propensity",
    "variant",
)


def event_row(event: Event) -> dict[str, Any]:
    """Write one event as a row."""
    return {
        "event_id": event.event_id,
        "type": EventType(event.type).name.lower(),
        "contact_id": event.contact_id,
        "product_id": event.product_id,
        "occurred_at": datetime.fromtimestamp(event.occurred_at_ms / 1000, UTC).isoformat(timespec="milliseconds"),
        "decision_id": event.decision_id,
        "actor_id": event.actor_id,
        "pitch_id": event.pitch_id,
        "trigger": event.trigger.name.lower() if event.trigger is not Trigger.NONE else None,
        "attribute": event.attribute.name.lower() if event.attribute is not Attribute.NONE else None,
        "attribute_value": event.attribute_value,
        "replacement": event.replacement,
        "value": event.value,
        "note": event.note,
        "propensity": event.propensity,
        "variant": event.variant,
    }
