"""The contact and the product of a pitch, for outcomes whose sender knows the pitch alone."""

import orjson

from dog.core.events import EventType
from dog.errors import NotFound
from dog.storage.claims import find_event_contact
from dog.storage.contacts import read_arrays
from dog.storage.retract import read_event
from dog.storage.store import Store


def read_pitched_pair(store: Store, event_id: str) -> tuple[str, str]:
    """Return the contact and the product of a pitch; raise `NotFound` where no pitch has that id."""
    contact = find_event_contact(store, event_id)
    entry, record = read_event(store, contact, event_id), read_arrays(store, "contacts", "", [contact])[0]
    if entry is not None and record is not None:
        _, kind, _, product_id, _ = orjson.loads(entry)
        if kind == EventType.PITCH:
            return orjson.loads(record)["contact_id"], product_id
    raise NotFound(f"event '{event_id}' is not a pitch that is kept; check the id", code="unknown_event")
