"""The journal of a load: what its rows replaced, so that they can be undone.

Rows are written with a store that names the load (`Store.load`); one script writes the row and notes what it replaced.
The journal has one hash a kind of rows and partition, with the same fields as the rows. Events need none: their log
entries name the load (`Event.load`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha1
from typing import Literal

from dog.batched import batched
from dog.storage.keys import PartitionKeys, TenantKeys
from dog.storage.round_trip import RoundTrip
from dog.storage.store import Store
from dog.storage.stretches import scan

Mode = Literal["all", "new", "note"]

ROWS_PER_CALL = 1_000
SUM_CHARACTERS = 16
CONTACTS, TRANSACTIONS, SCORES = "contacts", "transactions", "scores"
OF_TENANT = ("products", "attributes", "model_dates")
"""Rows that belong to no partition."""


def write_rows(store: Store, name: str, suffix: str, rows: Mapping[bytes, bytes], mode: Mode = "all") -> None:
    """Write rows of contacts, given their digests, and note what they replace."""
    trip = store.trip()
    by_partition = store.tenant.by_partition((contact, (contact, row)) for contact, row in rows.items())
    for partition, own in by_partition.items():
        _add(trip, store.load, store.keys.partition(partition), _data(name, suffix), own, mode)
    trip.send()


def add_tenant_rows(trip: RoundTrip, store: Store, name: str, rows: Mapping[str, bytes], mode: Mode = "all") -> None:
    """Add the calls that write rows of the tenant, one of `OF_TENANT`, to a round trip."""
    _add(trip, store.load, store.keys, name, [(field.encode(), row) for field, row in rows.items()], mode)


def write_merged(
    store: Store, script: str, data: str, rows: Sequence[Sequence[bytes]], other_keys: Sequence[str] = ()
) -> list[int]:
    """Write rows of contacts that were merged with the stored ones; return the places of those that were refused.

    Each row is what the script takes, first the contact's digest. The script writes to the key of the rows and to some
    others, and compares what is stored: where another load has written meanwhile it refuses.
    """
    trip, calls = store.trip(), list[list[int]]()
    by_partition = store.tenant.by_partition((row[0], place) for place, row in enumerate(rows))
    for partition, places in by_partition.items():
        keys = store.keys.partition(partition)
        names = [rows_key(keys, data), *map(keys.of, other_keys)]
        if store.load:
            names.append(journal_key(keys, store.load, data))
        for some in batched(places, ROWS_PER_CALL):
            calls.append(some)
            trip.script(script, names, [one for place in some for one in rows[place]])
    return [some[place] for some, refused in zip(calls, trip.send(), strict=True) for place in refused]


def _add(
    trip: RoundTrip,
    load: str,
    keys: PartitionKeys | TenantKeys,
    data: str,
    rows: Sequence[tuple[bytes, bytes]],
    mode: Mode,
) -> None:
    for start in range(0, len(rows), ROWS_PER_CALL):
        fields = [one for row in rows[start : start + ROWS_PER_CALL] for one in row]
        trip.script("write_rows", [rows_key(keys, data), journal_key(keys, load, data)], [mode, *fields])


def _data(name: str, suffix: str) -> str:
    return f"{name}-{suffix}" if suffix else name


def rows_key(keys: PartitionKeys | TenantKeys, data: str) -> bytes:
    """Return the key of rows, given their name in journals: that of the key, with `-` before the model of scores."""
    name, _, suffix = data.partition("-")
    return keys.of(name, suffix)


def journal_key(keys: PartitionKeys | TenantKeys, load: str, data: str) -> bytes:
    """Return the key of a load's journal of some rows."""
    return keys.of("undo", f"{load}:{data}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NotedRow:
    """What a journal says of one row."""

    field: bytes
    checksum: bytes  # of what the load wrote last
    before: bytes | None  # None where there was no row

    def is_current(self, row: bytes | None) -> bool:
        """Return whether a row is still as the load left it."""
        return sha1(row or b"", usedforsecurity=False).hexdigest()[:SUM_CHARACTERS].encode() == self.checksum


def read_journal(store: Store, load: str, data: str, partition: int | None) -> Iterator[list[NotedRow]]:
    """Yield what a load's journal notes of some rows, some hundreds at a time; a row may come twice."""
    for _, page in scan(store, "HSCAN", [journal_key(_keys(store, partition), load, data)]):
        yield [_noted(field, packed) for field, packed in page.items()]


def _noted(field: bytes, packed: bytes) -> NotedRow:
    before = packed[SUM_CHARACTERS + 1 :] if packed[SUM_CHARACTERS : SUM_CHARACTERS + 1] == b"+" else None
    return NotedRow(field=field, checksum=packed[:SUM_CHARACTERS], before=before)


def read_rows(store: Store, data: str, partition: int | None, fields: Sequence[bytes]) -> list[bytes | None]:
    """Read rows as they are now."""
    rows: list[bytes | None] = store.execute("HMGET", rows_key(_keys(store, partition), data), *fields)
    return rows


def undo_rows(store: Store, load: str, data: str, partition: int | None, rows: Mapping[bytes, bytes]) -> int:
    """Make rows what they were before a load; return how many were changed since and stay.

    `rows` has for each field the record that a contact keeps where it has events or transactions by now.
    """
    keys = _keys(store, partition)
    names = [rows_key(keys, data), journal_key(keys, load, data), keys.of("logged"), keys.of("transactions")]
    arguments = [one for row in rows.items() for one in row]
    return int(sum(answer == 0 for answer in store.run_script("undo_rows", names, arguments)))


def find_in_journal(store: Store, load: str, data: str, partition: int | None, field: bytes) -> bool:
    """Return whether a load's journal notes a row."""
    return bool(store.execute("HEXISTS", journal_key(_keys(store, partition), load, data), field))


def drop_journal(store: Store, load: str, data: Sequence[str]) -> None:
    """Delete a load's journals of some kinds of rows."""
    keys = [store.keys.partition(partition) for partition in range(store.tenant.partition_count)]
    store.execute_all(
        ("UNLINK", journal_key(own, load, name))
        for name in data
        for own in ([store.keys] if name in OF_TENANT else keys)
    )


def _keys(store: Store, partition: int | None) -> PartitionKeys | TenantKeys:
    return store.keys if partition is None else store.keys.partition(partition)
