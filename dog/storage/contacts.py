"""Contacts, the arrays kept for each (scores by model, transactions), and which contacts have snoozed products."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import orjson

from dog.core.events import EventType
from dog.core.iso_weeks import DAY_MS
from dog.core.records import CONTACT_LEVEL
from dog.core.verdicts.cross_contact import REST_DAYS
from dog.storage.event_log import Event
from dog.storage.load_journal import write_rows
from dog.storage.packed_scores import only_scores
from dog.storage.round_trip import Command
from dog.storage.store import Store
from dog.storage.stretches import read_hashes, read_zset, scan

TRANSACTIONS = np.dtype([("product", "<u4"), ("at", "<u4"), ("quantity", "<f4"), ("amount", "<f4")])


def read_records(store: Store, contact_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Read the records of contacts, by id; unknown contacts are left out."""
    packed = read_arrays(store, "contacts", "", store.tenant.contacts(contact_ids))
    return {
        contact_id: orjson.loads(record)
        for contact_id, record in zip(contact_ids, packed, strict=True)
        if record is not None
    }


def read_records_of(store: Store, contacts: Collection[bytes]) -> dict[bytes, dict[str, Any]]:
    """Read the records of contacts, by digest; unknown contacts are left out."""
    packed = read_arrays(store, "contacts", "", list(contacts))
    return {
        contact: orjson.loads(record) for contact, record in zip(contacts, packed, strict=True) if record is not None
    }


def name_of_contact(record: Mapping[str, Any]) -> str:
    """Return the name in a contact's record, its id where it has none."""
    return str(record.get("name") or record["contact_id"])


def ensure_contacts(store: Store, contacts: Mapping[str, bytes]) -> None:
    """Write a record with nothing but the id for each contact (id and digest) that has none."""
    if store.load:
        records = {digest: orjson.dumps({"contact_id": contact_id}) for contact_id, digest in contacts.items()}
        write_rows(store, "contacts", "", records, "new")
        return
    store.execute_all(
        ("HSETNX", store.tenant.partition(digest).of("contacts"), digest, orjson.dumps({"contact_id": contact_id}))
        for contact_id, digest in contacts.items()
    )


def read_scores(store: Store, model: str, partitions: Sequence[int]) -> np.ndarray:
    """Read all scores of a model in some partitions, without what they are of; shape (scores,)."""
    keys = [store.keys.partition(partition).of("scores", model) for partition in partitions]
    arrays = [packed for found in read_hashes(store, keys) for packed in found.values()]
    return only_scores(arrays)


def select_scores(scores: np.ndarray, products: np.ndarray) -> np.ndarray:
    """Return scores of products, shape (products,), NaN where missing; a score of the contact holds for all."""
    if len(scores) == 1 and scores["product"][0] == CONTACT_LEVEL:
        return np.full(len(products), scores["score"][0])
    indices = np.minimum(np.searchsorted(scores["product"], products), len(scores) - 1)
    return np.where(scores["product"][indices] == products, scores["score"][indices], np.nan)


def read_arrays(store: Store, name: str, suffix: str, contacts: Sequence[bytes]) -> list[bytes | None]:
    """Read one packed array of each contact, in their order; None where there is none."""
    by_partition = store.tenant.by_partition((contact, index) for index, contact in enumerate(contacts))
    answers = store.execute_all(
        ("HMGET", store.keys.partition(partition).of(name, suffix), *(contacts[index] for index in indices))
        for partition, indices in by_partition.items()
    )
    arrays: list[bytes | None] = [None] * len(contacts)
    for indices, found in zip(by_partition.values(), answers, strict=True):
        for index, packed in zip(indices, found, strict=True):
            arrays[index] = packed
    return arrays


def write_arrays(store: Store, name: str, suffix: str, arrays: Mapping[bytes, bytes]) -> None:
    """Write one packed array of each contact, in a load with a note of what it replaces."""
    if store.load:
        write_rows(store, name, suffix, arrays)
    else:
        store.execute_all(array_commands(store, name, suffix, arrays))


def array_commands(store: Store, name: str, suffix: str, arrays: Mapping[bytes, bytes]) -> Iterator[Command]:
    """Yield the commands that write one packed array of each contact, to be sent with others."""
    by_partition: dict[int, list[bytes]] = {}
    numbers = store.tenant.partition_numbers(list(arrays))
    for partition, contact_and_packed in zip(numbers, arrays.items(), strict=True):
        by_partition.setdefault(partition, []).extend(contact_and_packed)
    yield from _field_commands(store, name, suffix, by_partition)


def write_fields(store: Store, name: str, suffix: str, by_partition: Mapping[int, Sequence[bytes]]) -> None:
    """Write packed arrays by partition; fields are contact, array, contact, array, ..."""
    store.execute_all(_field_commands(store, name, suffix, by_partition))


def _field_commands(
    store: Store, name: str, suffix: str, by_partition: Mapping[int, Sequence[bytes]]
) -> Iterator[Command]:
    for partition, fields in by_partition.items():
        yield "HSET", store.keys.partition(partition).of(name, suffix), *fields


def read_partitions(store: Store, name: str, suffix: str = "") -> Iterator[dict[bytes, bytes]]:
    """Read a whole hash of arrays or records, partition by partition, sorted by contact."""
    partitions = map(store.keys.partition, range(store.tenant.partition_count))
    yield from read_hashes(store, [keys.of(name, suffix) for keys in partitions])


def scan_contacts(store: Store, partitions: Sequence[int]) -> Iterator[tuple[int, dict[bytes, bytes]]]:
    """Read the records of contacts page by page, some partitions at once; yield a partition's number and a page.

    A record that is there from the beginning to the end is read once at least.
    """
    numbers = {store.keys.partition(number).of("contacts"): number for number in partitions}
    for key, records in scan(store, "HSCAN", numbers):
        yield numbers[key], records


def record_snoozed_contacts(store: Store, events: Sequence[Event], now_ms: int) -> None:
    """Record contacts of discards and restructures until their products' snooze ends; idempotent."""
    members: list[bytes | int] = []
    for event in events:
        if event.type not in (EventType.DISCARD, EventType.RESTRUCTURE):
            continue
        until_ms = event.occurred_at_ms + REST_DAYS * DAY_MS
        if until_ms > now_ms:
            members += (until_ms, store.tenant.contact(event.contact_id))
    if members:
        key = store.keys.of("resting")
        store.execute_all([("ZREMRANGEBYSCORE", key, "-inf", now_ms), ("ZADD", key, "GT", *members)])


def read_snoozed_contacts(store: Store, now_ms: int) -> frozenset[bytes]:
    """Read the contacts that have a snoozed product."""
    until_ms = read_zset(store, store.keys.of("resting"))
    return frozenset(contact for contact, at_ms in until_ms.items() if at_ms >= now_ms)
