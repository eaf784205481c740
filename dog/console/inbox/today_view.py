"""What the session's user did today: what static/actions.js lists."""

from typing import Any

from dog.console.session import author, runtime, tenant
from dog.services.pairs.actions_of_day import Action, actions_of_today


def describe_today() -> list[dict[str, Any]]:
    """Return one line for each event of today that was not taken back, the newest first."""
    return [_line(action) for action in actions_of_today(runtime(), tenant(), author())]


def _line(action: Action) -> dict[str, Any]:
    event = action.event
    return {
        "id": event.event_id,
        "type": event.type.name.lower(),
        "contactId": event.contact_id,
        "contact": action.contact,
        "productId": event.product_id or "",
        "product": action.product,
        "at": event.occurred_at_ms,
    }
