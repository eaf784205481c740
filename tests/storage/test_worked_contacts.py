"""Which contacts an actor worked on: by day, for four weeks, gone with the contact."""

from dataclasses import replace

from dog.core.events import EventType
from dog.core.iso_weeks import DAY_MS
from dog.storage.event_log import Event
from dog.storage.store import Store
from dog.storage.worked_contacts import KEPT_DAYS, forget_worked_contact, read_worked_contacts, record_worked_contacts

NOW_MS = 20_777 * DAY_MS + 1000


def accept(contact_id: str, days_ago: int = 0, actor_id: str | None = "Ann") -> Event:
    return Event(
        event_id=f"{contact_id}-{days_ago}",
        type=EventType.ACCEPT,
        contact_id=contact_id,
        product_id="p1",
        occurred_at_ms=NOW_MS - days_ago * DAY_MS,
        actor_id=actor_id,
    )


def contacts(store: Store, *contact_ids: str) -> set[bytes]:
    return set(store.tenant.contacts(contact_ids))


def test_contacts_are_told_by_actor_and_day(store: Store) -> None:
    events = [accept("c1"), accept("c1"), accept("c2"), accept("c3", 1), accept("c4", actor_id="Bob")]
    record_worked_contacts(store, [*events, accept("c5", actor_id=None)], NOW_MS)

    yesterday, today = read_worked_contacts(store, "Ann", NOW_MS - DAY_MS, NOW_MS)
    assert (yesterday, today) == (contacts(store, "c3"), contacts(store, "c1", "c2"))
    assert read_worked_contacts(store, "Bob", NOW_MS, NOW_MS) == [contacts(store, "c4")]


def test_older_events_are_not_recorded_and_days_expire(store: Store) -> None:
    record_worked_contacts(store, [accept("c1", KEPT_DAYS + 1), accept("c2", KEPT_DAYS)], NOW_MS)

    days = read_worked_contacts(store, "Ann", 0, NOW_MS)
    assert len(days) == KEPT_DAYS + 1
    assert set[bytes]().union(*days) == contacts(store, "c2")
    left_ms = store.execute("PTTL", store.keys.of("worked", "20749"))
    assert DAY_MS / 2 < left_ms <= DAY_MS


def test_a_contact_is_forgotten_on_the_days_of_its_log(store: Store) -> None:
    events = [accept("c1"), accept("c1", 3), accept("c2")]
    record_worked_contacts(store, events, NOW_MS)
    forget_worked_contact(store, store.tenant.contact("c1"), [event.entry() for event in events[:2]])

    assert set[bytes]().union(*read_worked_contacts(store, "Ann", 0, NOW_MS)) == contacts(store, "c2")


def test_history_from_files_is_not_recorded(store: Store) -> None:
    record_worked_contacts(replace(store, load="l1"), [accept("c1")], NOW_MS)

    assert read_worked_contacts(store, "Ann", NOW_MS, NOW_MS) == [set()]
