"""What a person did on a day, read from the event log, the newest first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson

from dog.services.lists.snapshot import Snapshots
from dog.services.runtime import Runtime
from dog.storage.claims import find_event_contacts
from dog.storage.contacts import read_arrays
from dog.storage.deeds import read_deeds
from dog.storage.event_log import Event, read_entry
from dog.storage.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """An event that was not taken back, with the records of its contact and product; empty where there is none."""

    event: Event
    contact: Mapping[str, Any]
    product: Mapping[str, Any]


def deeds_of_day(runtime: Runtime, tenant: str, actor_id: str, day: date) -> list[Deed]:
    """Return what a person did on a day, the newest first, without what was taken back."""
    store = runtime.store(tenant)
    event_ids = read_deeds(store, actor_id, day)
    contacts = find_event_contacts(store, event_ids)
    known = {event_id: contact for event_id, contact in zip(event_ids, contacts, strict=True) if contact}
    entries = _read_entries(store, known)
    records = _read_contacts(store, list(known.values()))
    catalogue = runtime.shared(Snapshots).get(store).catalogue
    deeds = []
    for (event_id, contact), entry in zip(known.items(), entries, strict=True):
        record = records.get(contact, {})
        event = read_entry(str(record.get("contact_id", "")), entry) if entry else None
        if event is not None and event.event_id == event_id:
            product = catalogue.row(event.product_id or "") or {}
            deeds.append(Deed(event=event, contact=record, product=product))
    return deeds


def _read_entries(store: Store, contacts: Mapping[str, bytes]) -> list[bytes | None]:
    """Read the log entry of each event, given its contact's digest; None where it is archived or erased."""
    keys = [store.tenant.partition(contact).contact("log", contact) for contact in contacts.values()]
    fields = [store.tenant.digest64(event_id).to_bytes(8, "little") for event_id in contacts]
    return store.execute_all(("HGET", key, field) for key, field in zip(keys, fields, strict=True))


def _read_contacts(store: Store, contacts: list[bytes]) -> dict[bytes, dict[str, Any]]:
    packed = read_arrays(store, "contacts", "", contacts)
    return {
        contact: orjson.loads(record) for contact, record in zip(contacts, packed, strict=True) if record is not None
    }
