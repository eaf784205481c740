"""What a rep has left to do of the last four weeks: what was accepted and not pitched, or pitched and not settled."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from dog.core.events import EventType
from dog.core.iso_weeks import DAY_MS, day_end_ms, week_end_ms, week_of
from dog.services.lists.contact_filter import EVERYONE, ContactFilter
from dog.services.lists.snapshot import Snapshots
from dog.services.runtime import Runtime
from dog.storage.catalogue import Catalogue
from dog.storage.contacts import name_of_contact, read_records_of
from dog.storage.event_log import Event
from dog.storage.newest_events import read_known_contacts, read_newest_events
from dog.storage.store import Store
from dog.storage.worked_contacts import KEPT_DAYS, read_worked_contacts

MOST_CONTACTS = 500
"""Contacts whose events one call reads, the latest first."""
CLOSES = frozenset({EventType.DISCARD, EventType.RESTRUCTURE, EventType.WIN, EventType.LOSS})
"""What ends a task besides an undo."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepTask:
    """A product that a rep has accepted for a contact: to be pitched, or pitched and waiting for its outcome."""

    contact_id: str
    name: str
    product_id: str
    product: str
    accepted_ms: int
    decision_id: str | None
    note: str | None
    pitch_id: str | None = None
    pitched_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RepProgress:
    """How many contacts a rep has sent events of."""

    today: int
    this_week: int


def list_tasks(runtime: Runtime, tenant: str, actor_id: str) -> list[RepTask]:
    """Return the open tasks of an actor, the oldest first: pitched ones, then those to be pitched."""
    now_ms = runtime.clock()
    since_ms = now_ms - KEPT_DAYS * DAY_MS
    store = runtime.store(tenant)
    days = reversed(read_worked_contacts(store, actor_id, since_ms, now_ms))
    contacts = list(dict.fromkeys(contact for day in days for contact in sorted(day)))[:MOST_CONTACTS]
    catalogue = runtime.shared(Snapshots).get(store).catalogue
    tasks = [
        task
        for record, events in read_known_contacts(store, contacts)
        for task in _open_tasks(reversed(events), actor_id, since_ms, name_of_contact(record), catalogue)
    ]
    return sorted(tasks, key=lambda task: (task.pitch_id is None, task.accepted_ms, task.contact_id))


def tasks_of_contact(runtime: Runtime, tenant: str, contact_id: str, *, actor_id: str, name: str) -> list[RepTask]:
    """Return the open tasks of an actor for one contact, the oldest first."""
    store, since_ms = runtime.store(tenant), runtime.clock() - KEPT_DAYS * DAY_MS
    events = read_newest_events(store, {contact_id: store.tenant.contact(contact_id)})[contact_id]
    catalogue = runtime.shared(Snapshots).get(store).catalogue
    tasks = _open_tasks(reversed(events), actor_id, since_ms, name, catalogue)
    return sorted(tasks, key=lambda task: task.accepted_ms)


def _open_tasks(
    events: Iterable[Event], actor_id: str, since_ms: int, name: str, catalogue: Catalogue
) -> Iterator[RepTask]:
    """Yield the open tasks of a contact, given its events in the order of their times."""
    accepted, pitched = dict[str, Event](), dict[str, Event]()
    for event in events:
        product_id = event.product_id
        if product_id is None:
            continue
        if event.type is EventType.ACCEPT and event.actor_id == actor_id and event.occurred_at_ms >= since_ms:
            accepted[product_id] = event
            pitched.pop(product_id, None)
        elif event.type is EventType.PITCH:
            pitched[product_id] = event
        elif event.type in CLOSES:
            accepted.pop(product_id, None)
    for product_id, event in accepted.items():
        pitch = pitched.get(product_id)
        yield RepTask(
            contact_id=event.contact_id,
            name=name,
            product_id=product_id,
            product=catalogue.name_of(product_id),
            accepted_ms=event.occurred_at_ms,
            decision_id=event.decision_id,
            note=event.note,
            pitch_id=pitch.event_id if pitch else None,
            pitched_ms=pitch.occurred_at_ms if pitch else None,
        )


def count_progress(runtime: Runtime, tenant: str, actor_id: str, where: ContactFilter = EVERYONE) -> RepProgress:
    """Count the contacts of an actor that pass, since midnight and since Monday, in the service's time zone."""
    store, zone, now_ms = runtime.store(tenant), runtime.settings.zone, runtime.clock()
    midnight_ms = day_end_ms(runtime.today() - timedelta(days=1), zone)
    monday_ms = week_end_ms(week_of(now_ms, zone) - 1, zone)
    today, this_week = (_read_worked(store, actor_id, since_ms, now_ms) for since_ms in (midnight_ms, monday_ms))
    if where != EVERYONE:
        passing = {digest for digest, record in read_records_of(store, this_week).items() if where.passes(record)}
        today, this_week = today & passing, this_week & passing
    return RepProgress(today=len(today), this_week=len(this_week))


def _read_worked(store: Store, actor_id: str, since_ms: int, now_ms: int) -> set[bytes]:
    """Return the contacts of whom an actor has sent events since a time; they are recorded by UTC day."""
    first, *others = read_worked_contacts(store, actor_id, since_ms, now_ms)
    later = set[bytes]().union(*others)
    if since_ms % DAY_MS == 0:
        return later | first
    return later | {
        store.tenant.contact(record["contact_id"])
        for record, events in read_known_contacts(store, first - later)
        if any(event.actor_id == actor_id and event.occurred_at_ms >= since_ms for event in events)
    }
