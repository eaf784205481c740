"""What a rep did today, read from the log, the newest first."""

from dataclasses import dataclass
from datetime import timedelta

from dog.core.iso_weeks import day_end_ms
from dog.services.lists.snapshot import Snapshots
from dog.services.runtime import Runtime
from dog.storage.contacts import name_of_contact
from dog.storage.event_log import Event
from dog.storage.newest_events import read_known_contacts
from dog.storage.worked_contacts import read_worked_contacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """An event that was not retracted, with the names of its contact and product; no product where it has none."""

    event: Event
    contact: str
    product: str


def actions_of_today(runtime: Runtime, tenant: str, actor_id: str) -> list[Action]:
    """Return what an actor did since midnight in the service's time zone, without what was retracted."""
    store, now_ms = runtime.store(tenant), runtime.clock()
    since_ms = day_end_ms(runtime.today() - timedelta(days=1), runtime.settings.zone)
    contacts = set[bytes]().union(*read_worked_contacts(store, actor_id, since_ms, now_ms))
    catalogue = runtime.shared(Snapshots).get(store).catalogue
    own = [
        Action(
            event=event,
            contact=name_of_contact(record),
            product=catalogue.name_of(event.product_id) if event.product_id else "",
        )
        for record, events in read_known_contacts(store, contacts)
        for event in events
        if event.actor_id == actor_id and event.occurred_at_ms >= since_ms
    ]
    return sorted(own, key=lambda action: action.event.occurred_at_ms, reverse=True)
