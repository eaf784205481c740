"""The cross-contact ledger: verdicts about market, business or account, which apply beyond their contact."""

from collections.abc import Sequence

import numpy as np

from dog.core.events import ANSWERS, Attribute, Trigger
from dog.core.records import VERDICT
from dog.storage.event_log import Event
from dog.storage.store import Store


def is_cross_contact(event: Event) -> bool:
    """Return whether an event is a verdict that applies beyond its contact."""
    if event.type not in ANSWERS:
        return False
    about_account = event.trigger is Trigger.DISCOMFORT and event.attribute is Attribute.ACCOUNT
    return about_account or event.trigger in (Trigger.MARKET, Trigger.BUSINESS)


def append_cross_contact(store: Store, verdicts: Sequence[tuple[Event, str, str, bool]]) -> None:
    """Append cross-contact verdicts: event, its category or account, segment, whether an admin sent it."""
    if not verdicts:
        return
    records = np.zeros(len(verdicts), VERDICT)
    for record, (event, subject, segment, by_admin) in zip(records, verdicts, strict=True):
        record["at"], record["event"] = event.occurred_at_ms, store.tenant.digest64(event.event_id)
        record["value"], record["substitute"] = store.tenant.digest64(subject), store.tenant.digest64(segment)
        record["actor"] = store.tenant.digest64(event.actor_id) if event.actor_id else 0
        record["type"], record["trigger"], record["attribute"] = event.type, event.trigger, event.attribute
        record["spare"] = by_admin
    trip = store.trip()
    trip.script("append_cross_contact", [store.keys.of("wide"), store.keys.of("head")], [r.tobytes() for r in records])
    trip.send(replicated=True)


def remove_cross_contact(store: Store, *event_ids: str) -> None:
    """Remove verdicts from the ledger; those it lacks are ignored."""
    trip = store.trip()
    for event_id in event_ids:
        event = store.tenant.digest64(event_id).to_bytes(8, "little")
        trip.script("remove_cross_contact", [store.keys.of("wide"), store.keys.of("head")], [event])
    trip.send(replicated=True)


def read_cross_contact_ledger(store: Store) -> np.ndarray:
    """Read the whole ledger."""
    return np.frombuffer(store.execute("GET", store.keys.of("wide")) or b"", VERDICT)
