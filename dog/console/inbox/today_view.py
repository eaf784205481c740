"""What the session's user did today: what static/deeds.js lists."""

from typing import Any

from dog.console.session import author, runtime, tenant
from dog.services.feedback.deeds_of_day import Deed, deeds_of_day


def describe_today() -> list[dict[str, Any]]:
    """Return one line for each event of today that was not taken back, the newest first."""
    return [_line(deed) for deed in deeds_of_day(runtime(), tenant(), author(), runtime().today())]


def _line(deed: Deed) -> dict[str, Any]:
    event = deed.event
    return {
        "id": event.event_id,
        "type": event.type.name.lower(),
        "contactId": event.contact_id,
        "contact": str(deed.contact.get("name") or event.contact_id),
        "productId": event.product_id or "",
        "product": str(deed.product.get("name") or event.product_id or ""),
        "at": event.occurred_at_ms,
    }
