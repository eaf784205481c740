"""What happened with a contact, newest first: purchases, verdicts with their notes, pitches and what became of them."""

from dataclasses import dataclass
from heapq import nlargest

import numpy as np

from dog.core.events import Attribute, EventType, Trigger
from dog.services.lists.snapshot import Snapshots
from dog.services.runtime import Runtime
from dog.storage.catalogue import Catalogue
from dog.storage.contacts import TRANSACTIONS, read_arrays
from dog.storage.event_log import Event
from dog.storage.newest_events import read_newest_events
from dog.storage.store import Store

SHOWN = 30
PURCHASE = "purchase"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """One purchase or event; None where it has no such field."""

    at_ms: int
    kind: str  # purchase, or the type of an event
    product_id: str | None
    product: str | None
    event_id: str | None = None
    actor_id: str | None = None
    trigger: str | None = None
    attribute: str | None = None
    attribute_value: str | None = None
    replacement: str | None = None
    note: str | None = None
    value: float | None = None  # of a win or purchase, in the tenant's currency


def read_timeline(runtime: Runtime, tenant: str, contact_id: str, *, most: int = SHOWN) -> list[TimelineEntry]:
    """Return the newest entries of a contact; events of archived weeks are left out."""
    store = runtime.store(tenant)
    contact, catalogue = store.tenant.contact(contact_id), runtime.shared(Snapshots).get(store).catalogue
    events = read_newest_events(store, {contact_id: contact}, most)[contact_id]
    entries = [_of_event(event, catalogue) for event in events] + _purchases(store, contact, catalogue, most)
    return nlargest(most, entries, key=lambda entry: (entry.at_ms, entry.event_id or ""))


def _of_event(event: Event, catalogue: Catalogue) -> TimelineEntry:
    replacement = event.replacement
    if replacement and event.attribute is Attribute.PRODUCT:
        replacement = catalogue.name_of(replacement)
    return TimelineEntry(
        at_ms=event.occurred_at_ms,
        kind=EventType(event.type).name.lower(),
        product_id=event.product_id,
        product=catalogue.name_of(event.product_id) if event.product_id else None,
        event_id=event.event_id,
        actor_id=event.actor_id,
        trigger=event.trigger.name.lower() if event.trigger is not Trigger.NONE else None,
        attribute=event.attribute.name.lower() if event.attribute is not Attribute.NONE else None,
        attribute_value=event.attribute_value,
        replacement=replacement,
        note=event.note,
        value=event.value,
    )


def _purchases(store: Store, contact: bytes, catalogue: Catalogue, most: int) -> list[TimelineEntry]:
    packed = read_arrays(store, "transactions", "", [contact])[0]
    rows = np.frombuffer(packed or b"", TRANSACTIONS)
    newest = rows[np.argsort(rows["at"], kind="stable")[-most:]]
    return [
        TimelineEntry(
            at_ms=at * 1000,
            kind=PURCHASE,
            product_id=catalogue.ids[number],
            product=catalogue.name_of(catalogue.ids[number]),
            value=amount if amount > 0 else None,  # 0 or NaN: it was not loaded
        )
        for number, at, _, amount in newest.tolist()
        if number < len(catalogue)  # else another process has loaded it just now
    ]
