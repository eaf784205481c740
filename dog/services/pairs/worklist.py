"""Contacts and products by name, and values that may replace an option's."""

import time
from itertools import islice
from typing import Any

import orjson

from dog.services.lists.item_choices import split_values
from dog.services.lists.snapshot import Snapshots
from dog.services.runtime import Runtime
from dog.storage.contacts import name_of_contact, read_arrays, read_records, scan_contacts

MAX_FOUND = 8
SEARCH_SECONDS = 0.25
"""CPU time limit of one search; in larger tenants only the whole id finds every contact."""


def find_contacts(runtime: Runtime, tenant: str, text: str) -> tuple[dict[str, str], bool]:
    """Find contacts by their whole id, or by a part of id or name.

    Return the names of at most eight by id, the exact match first, and whether the search covered all
    contacts: in a large tenant it stops before it delays other requests.
    """
    store = runtime.store(tenant)
    wanted = text.strip().casefold()
    if not wanted:
        return {}, True
    exact = read_arrays(store, "contacts", "", [store.tenant.contact(text.strip())])[0]
    found = {} if exact is None else _name_by_id(exact)
    began = time.thread_time()
    for _, records in scan_contacts(store, range(store.tenant.partition_count)):
        for record in records.values():
            if wanted in record.decode().casefold():  # a cheap test before parsing
                found |= {k: name for k, name in _name_by_id(record).items() if wanted in f"{k}\n{name}".casefold()}
        if len(found) >= MAX_FOUND:
            break
        if time.thread_time() - began > SEARCH_SECONDS:
            return found, False
    return dict(islice(found.items(), MAX_FOUND)), True


def find_products(runtime: Runtime, tenant: str, text: str) -> dict[str, str]:
    """Find products by a part of id or name; return the names of at most eight by id."""
    catalogue = runtime.shared(Snapshots).get(runtime.store(tenant)).catalogue
    wanted = text.strip().casefold()
    names = ((product_id, catalogue.name_of(product_id)) for product_id in catalogue.ids)
    found = ((product_id, name) for product_id, name in names if wanted in f"{product_id}\n{name}".casefold())
    return dict(islice(found, MAX_FOUND)) if wanted else {}


def _name_by_id(record: bytes) -> dict[str, str]:
    fields = orjson.loads(record)
    return {str(fields["contact_id"]): name_of_contact(fields)}


def describe_contact(runtime: Runtime, tenant: str, contact_id: str) -> dict[str, Any]:
    """Return the record of a contact; empty if it was never loaded."""
    store = runtime.store(tenant)
    return read_records(store, [contact_id]).get(contact_id, {})


def list_choices(runtime: Runtime, tenant: str, record: dict[str, Any], name: str) -> list[str]:
    """Return the values of `channels` or `times` for a contact: its own, or the policy's."""
    if own := split_values(record.get(name)):
        return own
    active = runtime.shared(Snapshots).current(runtime.store(tenant)).find_policy(None)
    return list(getattr(active.policy, name)) if active else []
