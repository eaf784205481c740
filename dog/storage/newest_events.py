"""The newest events of some contacts: the ends of their ledgers, then the log entries, however long a history is."""

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from dog.core.records import OUTCOME, VERDICT
from dog.storage.contacts import read_records_of
from dog.storage.event_log import Event, read_entry
from dog.storage.store import Store

LEDGERS = {"outcomes": OUTCOME, "verdicts": VERDICT}
NEWEST = 100
"""Outcomes, and verdicts, that show what is going on with a contact."""


def read_newest_events(store: Store, contacts: Mapping[str, bytes], most: int = NEWEST) -> dict[str, list[Event]]:
    """Read at most `most` outcomes and as many verdicts of each contact, newest first.

    `contacts` are digests by id. Events of archived weeks are left out.
    """
    ends = store.execute_all(
        ("GETRANGE", store.tenant.partition(digest).contact(name, digest), -most * kind.itemsize, -1)
        for digest in contacts.values()
        for name, kind in LEDGERS.items()
    )
    fields = [
        _event_digests(np.frombuffer(ledger, kind))
        for ledger, kind in zip(ends, [*LEDGERS.values()] * len(contacts), strict=True)
    ]
    named = {
        contact_id: outcomes + verdicts
        for contact_id, outcomes, verdicts in zip(contacts, fields[::2], fields[1::2], strict=True)
    }
    logged = {contact_id: digests for contact_id, digests in named.items() if digests}
    entries = store.execute_all(
        ("HMGET", store.tenant.partition(contacts[contact_id]).contact("log", contacts[contact_id]), *digests)
        for contact_id, digests in logged.items()
    )
    found: dict[str, list[Event]] = {contact_id: [] for contact_id in contacts}
    for contact_id, own in zip(logged, entries, strict=True):
        events = [event for entry in own if entry and (event := read_entry(contact_id, entry)) is not None]
        found[contact_id] = sorted(events, key=lambda event: (event.occurred_at_ms, event.event_id), reverse=True)
    return found


def read_known_contacts(store: Store, contacts: Collection[bytes]) -> list[tuple[dict[str, Any], list[Event]]]:
    """Read record and newest events of contacts, given their digests; unknown contacts are left out."""
    records = read_records_of(store, contacts)
    events = read_newest_events(store, {str(record["contact_id"]): contact for contact, record in records.items()})
    return list(zip(records.values(), events.values(), strict=True))


def _event_digests(ledger: np.ndarray) -> list[bytes]:
    packed = ledger["event"].astype("<u8").tobytes()
    return [packed[place : place + 8] for place in range(0, len(packed), 8)]
