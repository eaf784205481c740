"""What the session's user did today: what static/deeds.js lists."""

from typing import Any

from dog.console.session import author, runtime, tenant
from dog.services.pairs.deeds_of_day import Deed, deeds_of_today


def describe_today() -> list[dict[str, Any]]:
    """Return one line for each event of today that was not taken back, the newest first."""
    return [_line(deed) for deed in deeds_of_today(runtime(), tenant(), author())]


def _line(deed: Deed) -> dict[str, Any]:
    event = deed.event
    return {
        "id": event.event_id,
        "type": event.type.name.lower(),
        "contactId": event.contact_id,
        "contact": deed.contact,
        "productId": event.product_id or "",
        "product": deed.product,
        "at": event.occurred_at_ms,
    }
