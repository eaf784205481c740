"""Put off a contact, or one of its products, until a day: for one rep alone, and without a verdict."""

from dataclasses import dataclass
from datetime import date, timedelta

from dog.core.iso_weeks import day_end_ms
from dog.errors import InvalidInput, NotFound
from dog.services.lists.snapshot import Snapshots
from dog.services.runtime import Runtime
from dog.storage.actor_snoozes import LONGEST_DAYS, ActorSnooze, read_snoozes, remove_snooze, write_snooze
from dog.storage.contacts import name_of_contact, read_records, read_records_of
from dog.storage.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownSnooze:
    """A snooze as its rep sees it; without a product the whole contact is put off."""

    contact_id: str
    name: str
    product_id: str | None
    product: str | None
    until: date


def snooze_contact(
    runtime: Runtime, tenant: str, contact_id: str, *, actor_id: str, until: date, product_id: str | None = None
) -> None:
    """Leave a contact, or one of its products, out of an actor's work until a day begins.

    Raises
    ------
    InvalidInput
        The day is not one of the next 366.
    NotFound
        The contact or the product is not known.

    """
    today = runtime.today()
    if not today < until <= today + timedelta(days=LONGEST_DAYS):
        raise InvalidInput(f"until is {until}; give a day from tomorrow on, at most {LONGEST_DAYS} days ahead")
    store = runtime.store(tenant)
    if not read_records(store, [contact_id]):
        raise NotFound(f"contact '{contact_id}' is not known; check the id", code="unknown_contact")
    until_ms = day_end_ms(until - timedelta(days=1), runtime.settings.zone)
    snooze = _snooze(runtime, store, contact_id, product_id, actor_id, until_ms)
    write_snooze(store, snooze, runtime.clock())


def end_snooze(runtime: Runtime, tenant: str, contact_id: str, *, actor_id: str, product_id: str | None = None) -> bool:
    """End a snooze of an actor now; return whether there was one."""
    store = runtime.store(tenant)
    return remove_snooze(store, _snooze(runtime, store, contact_id, product_id, actor_id, 0))


def list_snoozes(runtime: Runtime, tenant: str, actor_id: str) -> list[ShownSnooze]:
    """Return what an actor has put off, the first to end first."""
    store = runtime.store(tenant)
    found = read_snoozes(store, actor_id, runtime.clock())
    records = read_records_of(store, {snooze.contact for snooze in found})
    catalogue = runtime.shared(Snapshots).get(store).catalogue
    shown = []
    for snooze in found:
        if (record := records.get(snooze.contact)) is None:  # erased meanwhile
            continue
        product_id = None if snooze.product is None else catalogue.ids[snooze.product]
        shown.append(
            ShownSnooze(
                contact_id=str(record["contact_id"]),
                name=name_of_contact(record),
                product_id=product_id,
                product=catalogue.name_of(product_id) if product_id else None,
                until=runtime.day_of(snooze.until_ms),
            )
        )
    return shown


def snoozed_products(runtime: Runtime, tenant: str, contact_id: str, *, actor_id: str) -> list[str]:
    """Return the products of a contact that an actor has put off: its list is to leave them out."""
    store = runtime.store(tenant)
    contact, ids = store.tenant.contact(contact_id), runtime.shared(Snapshots).get(store).catalogue.ids
    snoozes = read_snoozes(store, actor_id, runtime.clock())
    return [ids[one.product] for one in snoozes if one.contact == contact and one.product is not None]


def _snooze(
    runtime: Runtime, store: Store, contact_id: str, product_id: str | None, actor_id: str, until_ms: int
) -> ActorSnooze:
    number = None
    if product_id is not None:
        number = runtime.shared(Snapshots).current(store).catalogue.numbers.get(product_id)
        if number is None:
            raise NotFound(f"product '{product_id}' is not known; check the id", code="unknown_product")
    return ActorSnooze(store.tenant.contact(contact_id), number, actor_id, until_ms)
