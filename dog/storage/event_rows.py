"""Events as rows of a feedback file, which can be loaded again."""

from typing import Any

from dog.core.events import Attribute, EventType, Trigger
from dog.core.iso_weeks import iso_time
from dog.storage.event_log import Event

FEEDBACK_COLUMNS = (
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
    """Return an event as a row with `FEEDBACK_COLUMNS`."""
    return {name: getattr(event, name, None) for name in FEEDBACK_COLUMNS} | {
        "type": EventType(event.type).name.lower(),
        "occurred_at": iso_time(event.occurred_at_ms),
        "trigger": event.trigger.name.lower() if event.trigger is not Trigger.NONE else None,
        "attribute": event.attribute.name.lower() if event.attribute is not Attribute.NONE else None,
    }
