"""A contact as a request describes it: attributes of somebody never loaded, and events of the last minutes."""

from dataclasses import replace

import numpy as np

from dog.core.iso_weeks import SECOND_MS
from dog.core.records import PURCHASES
from dog.core.spoken import counted
from dog.services.lists.gather_inputs import RankContext
from dog.services.lists.read_contact import NO_PURCHASES, ContactState

BOUGHT = frozenset({"purchase", "win"})
"""Types of events that say that a contact has a product."""


def with_request(contact: ContactState, context: RankContext) -> ContactState:
    """Return a contact with the attributes and purchases that the request adds; nothing of it is stored.

    The record of a loaded contact stays as it is, and is filled where it lacks an attribute. What is said to occur in
    the future counts as now.
    """
    request, numbers, now_ms = context.request, context.snapshot.catalogue.numbers, context.now_ms
    if request.contact is None and not request.events:
        return contact
    record = {**(request.contact or {}), **(contact.record or {}), "contact_id": request.contact_id}
    bought = [
        (numbers[event.product_id], 1, min(event.occurred_at_ms or now_ms, now_ms) // SECOND_MS)
        for event in request.events
        if event.type in BOUGHT and event.product_id in numbers
    ]
    purchases = contact.purchases
    if bought:
        purchases = add_purchases(NO_PURCHASES if purchases is None else purchases, np.array(bought, PURCHASES))
    return replace(contact, record=record, purchases=purchases)


def add_purchases(known: np.ndarray, added: np.ndarray) -> np.ndarray:
    """Return purchases, records of `PURCHASES` by product number, with others added to them in any order."""
    every = np.concatenate([known, added])
    products, place = np.unique(every["product"], return_inverse=True)
    found = np.zeros(len(products), PURCHASES)
    found["product"] = products
    np.add.at(found["count"], place, every["count"])
    np.maximum.at(found["last"], place, every["last"])
    return found


def unknown_events_note(context: RankContext) -> str | None:
    """Return the sentence that says that events of the request name unknown products; None where none does."""
    numbers = context.snapshot.catalogue.numbers
    unknown = [event.product_id for event in context.request.events if event.product_id not in numbers]
    if not unknown:
        return None
    return f"{counted(len(unknown), 'event')} of the request ignored: product '{unknown[0]}' is not known"
