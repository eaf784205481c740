"""What the archive job reads and deletes: logs with their ledgers, and event ids of closed weeks."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from dog.core.records import OUTCOME, VERDICT
from dog.storage.keys import ID_BUCKETS, PartitionKeys
from dog.storage.store import Store
from dog.storage.stretches import read_sets, scan

CONTACTS_PER_TRIP, BUCKETS_PER_TRIP = 500, 64
WEEK_BYTES = slice(8, 10)
"""Bytes of an event id's value that hold the event's week."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactLog:
    """One contact's record, log and ledgers, read atomically."""

    contact: bytes
    record: bytes | None
    log: dict[bytes, bytes]  # by digest of the event
    outcomes: bytes
    verdicts: bytes


def closed_until(store: Store) -> int:
    """Read the end of the last archived week, milliseconds since 1970; 0 without any."""
    return int(store.execute("HGET", store.keys.of("head"), "closed_until_ms") or 0)


def published_until(store: Store) -> int:
    """Read the end of the latest published week, milliseconds since 1970; 0 without any."""
    return int(store.execute("HGET", store.keys.of("head"), "published_until_ms") or 0)


def close_weeks(store: Store, until_ms: int) -> None:
    """Close all weeks before a time: from then on their events are refused."""
    store.execute("HSET", store.keys.of("head"), "closed_until_ms", until_ms)


def read_logs(store: Store, partition: int) -> Iterator[ContactLog]:
    """Read the logs of a partition's contacts."""
    keys = store.keys.partition(partition)
    contacts = next(read_sets(store, [keys.of("logged")]))
    for start in range(0, len(contacts), CONTACTS_PER_TRIP):
        some = contacts[start : start + CONTACTS_PER_TRIP]
        trip = store.trip()
        for contact in some:
            trip.script("read_log", _log_keys(keys, contact), [contact])
        for contact, found in zip(some, trip.send(), strict=True):
            yield _contact_log(contact, found)


def read_log(store: Store, contact: bytes) -> ContactLog:
    """Read one contact's log and ledgers."""
    keys = store.tenant.partition(contact)
    return _contact_log(contact, store.run_script("read_log", _log_keys(keys, contact), [contact]))


def _log_keys(keys: PartitionKeys, contact: bytes) -> list[bytes]:
    return [keys.of("contacts"), *keys.of_contact(contact, "log", "outcomes", "verdicts")]


def _contact_log(contact: bytes, found: list[Any]) -> ContactLog:
    record, log, outcomes, verdicts = found
    return ContactLog(
        contact=contact,
        record=record,
        log=dict(zip(log[::2], log[1::2], strict=True)),
        outcomes=outcomes or b"",
        verdicts=verdicts or b"",
    )


def replace_logs(
    store: Store, partition: int, changes: list[tuple[ContactLog, np.ndarray, np.ndarray, list[bytes]]]
) -> int:
    """Replace contacts' ledgers and delete log entries; return how many contacts had not changed since read."""
    keys = store.keys.partition(partition)
    trip = store.trip()
    for read, outcomes, verdicts, fields in changes:
        names = keys.of_contact(read.contact, "log", "outcomes", "verdicts")
        ledgers = [read.outcomes, read.verdicts, outcomes.astype(OUTCOME).tobytes(), verdicts.astype(VERDICT).tobytes()]
        trip.script("archive_contact", names, [*ledgers, *fields])
    return sum(trip.send())


def forget_ids(store: Store, partition: int, before_week: int) -> int:
    """Delete the event ids of weeks before one (UTC week number); return how many."""
    keys = store.keys.partition(partition)
    forgotten = 0
    buckets = [keys.of("ids", str(bucket)) for bucket in range(ID_BUCKETS)]
    for bucket, ids in scan(store, "HSCAN", buckets, BUCKETS_PER_TRIP):
        old = [name for name, value in ids.items() if int.from_bytes(value[WEEK_BYTES], "little") < before_week]
        forgotten += store.execute("HDEL", bucket, *old) if old else 0
    return forgotten
