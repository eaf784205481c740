"""A rep's worklist: the next contact, contacts by name, and values that may replace an option's."""

import time
from collections.abc import Iterator
from itertools import chain, islice
from typing import Any

import orjson

from dog.core.iso_weeks import format_week, week_of
from dog.core.policy.policy import DEFAULT_POLICY
from dog.services.lists.decision_writer import DecisionWriter
from dog.services.lists.list_request import ListRequest
from dog.services.lists.rank_request import rank_request
from dog.services.lists.snapshot import Snapshots
from dog.services.runtime import Runtime
from dog.storage.contacts import read_arrays, read_records
from dog.storage.store import Store

MAX_FOUND = 8
SEARCH_SECONDS = 0.25
"""CPU time limit of one search; in larger tenants only the whole id finds every contact."""
PARTITIONS_PER_TRIP = 8
MAX_TRIED = 20
"""Contacts without any option that one call skips."""


def next_contact(runtime: Runtime, tenant: str, after: str | None) -> str | None:
    """Return the next contact without a list this week that has options, or None.

    All contacts have one fixed order; the search starts behind `after`, or at the beginning, and wraps around.
    """
    store = runtime.store(tenant)
    runtime.shared(DecisionWriter).flush()  # so that lists of the last moment count
    for record in islice(_waiting(runtime, store, after), MAX_TRIED):
        contact_id = str(orjson.loads(record)["contact_id"])
        ranking = rank_request(runtime, store, ListRequest(contact_id, k=1, dry_run=True))
        if len(ranking.ranked.chosen):
            return contact_id
    return None


def _waiting(runtime: Runtime, store: Store, after: str | None) -> Iterator[bytes]:
    """Yield the records of contacts without a list this week, once around."""
    week = format_week(week_of(runtime.clock(), runtime.settings.zone))
    count = store.tenant.partition_count
    here = store.tenant.contact(after) if after else b""
    first = store.tenant.partition_number(here) if after else 0
    for step in range(count + 1):
        partition = (first + step) % count
        keys = store.keys.partition(partition)
        records, seen = store.execute_all([("HGETALL", keys.of("contacts")), ("HKEYS", keys.of("laps", week))])
        had = set(seen)
        for digest, record in sorted(records.items()):
            behind = step > 0 or digest > here
            if behind and digest not in had and (step < count or digest <= here):
                yield record


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
    began, count = time.thread_time(), store.tenant.partition_count
    for first in range(0, count, PARTITIONS_PER_TRIP):
        partitions = map(store.keys.partition, range(first, min(first + PARTITIONS_PER_TRIP, count)))
        for record in chain.from_iterable(store.execute_all(("HVALS", keys.of("contacts")) for keys in partitions)):
            if wanted in record.decode().casefold():  # a cheap test before parsing
                found |= {k: name for k, name in _name_by_id(record).items() if wanted in f"{k}\n{name}".casefold()}
        if len(found) >= MAX_FOUND:
            break
        if time.thread_time() - began > SEARCH_SECONDS:
            return found, False
    return dict(islice(found.items(), MAX_FOUND)), True


def _name_by_id(record: bytes) -> dict[str, str]:
    fields = orjson.loads(record)
    contact_id = str(fields["contact_id"])
    return {contact_id: str(fields.get("name") or contact_id)}


def describe_contact(runtime: Runtime, tenant: str, contact_id: str) -> dict[str, Any]:
    """Return the record of a contact; empty if it was never loaded."""
    store = runtime.store(tenant)
    return read_records(store, [contact_id]).get(contact_id, {})


def list_choices(runtime: Runtime, tenant: str, record: dict[str, Any], name: str) -> list[str]:
    """Return the values of `channels` or `times` for a contact: its own, or the policy's."""
    own = record.get(name)
    if isinstance(own, str):
        own = [part.strip() for part in own.split(";") if part.strip()]
    if own:
        return [str(value) for value in own]
    active = runtime.shared(Snapshots).current(runtime.store(tenant)).policies.get(DEFAULT_POLICY)
    return list(getattr(active.policy, name)) if active else []
