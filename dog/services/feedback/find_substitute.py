"""What to offer in place of what was refused."""

from typing import Any

from dog.core.events import Attribute, EventType, Trigger
from dog.errors import NotFound
from dog.services.lists.list_request import MAX_K, ListRequest
from dog.services.lists.rank_request import rank_request
from dog.services.lists.write_receipts import write_items
from dog.services.runtime import Runtime
from dog.storage.event_log import Event
from dog.storage.store import Store

SAME_PRODUCT = (Attribute.CHANNEL, Attribute.TIME, Attribute.RATIONALE)
"""Attributes whose substitute is the same product with another value."""


def find_substitute(runtime: Runtime, store: Store, event: Event) -> dict[str, Any] | None:
    """Return a fitting item that no rule excludes; None if nothing fits.

    The same product by another channel or time where one of those was refused or replaced; another product
    where the product was refused.
    """
    refused = event.type is EventType.RESTRUCTURE or event.type is EventType.DISCARD
    if not refused or event.product_id is None:
        return None
    about_choice = event.attribute in SAME_PRODUCT and (
        event.type is EventType.RESTRUCTURE or event.trigger is Trigger.DISCOMFORT
    )
    context: dict[str, Any] = {}
    wanted = event.product_id if about_choice else None
    if event.type is EventType.RESTRUCTURE and event.replacement:
        if event.attribute in (Attribute.CHANNEL, Attribute.TIME):
            context[event.attribute.name.lower()] = event.replacement
        elif event.attribute is Attribute.PRODUCT:
            wanted = event.replacement
    request = ListRequest(
        contact_id=event.contact_id,
        k=MAX_K if wanted else 1,
        context=context,
        exclude=() if wanted == event.product_id else [event.product_id],
        dry_run=True,
    )
    try:
        ranking = rank_request(runtime, store, request)
    except NotFound:
        return None
    items = write_items(ranking)
    found = [item for item in items if wanted is None or item["product_id"] == wanted]
    if not found or (about_choice and _has_refused_value(event, found[0])):
        return None
    return found[0]


def _has_refused_value(event: Event, item: dict[str, Any]) -> bool:
    if event.attribute not in (Attribute.CHANNEL, Attribute.TIME):
        return False
    return bool(item["attributes"][event.attribute.name.lower()] == event.attribute_value)
