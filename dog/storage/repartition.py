"""Move the keys of a tenant to more partitions, in place, while nothing else uses the tenant.

The new number is a multiple of the old one: the contacts of a partition are shared out among that partition and some
new ones. Every write says what is to be, and a key is deleted after it was copied: a run that was killed anywhere is
repeated.
"""

from base64 import urlsafe_b64decode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson

from dog.batched import batched
from dog.storage.connection import store_errors
from dog.storage.late_outcomes import COPIED_ARRIVALS
from dog.storage.migrations import store_marks
from dog.storage.round_trip import Argument, RoundTrip
from dog.storage.schema import mark_repartitioned
from dog.storage.store import Store, Tenant, write_tenant
from dog.storage.stretches import scan
from dog.storage.tenant_dump import drop_keys, dump_keys, in_order, key_class, split_key, write_dumped_keys
from dog.storage.votes import parse_vote, rebuild_rows

KEYS_PER_PAGE, KEYS_PER_TRIP, ENTRIES_PER_TRIP = 5_000, 32, 5_000
OF_CONTACT = frozenset({"log", "outcomes", "verdicts", "decision"})
"""Classes of keys that end with the digest of a contact or decision: moved whole."""
OF_ENTRIES = {
    **dict.fromkeys(("contacts", "scores", "transactions", "purchases", "undo"), "HSCAN"),
    **dict.fromkeys(("multipliers", "choices", "laps", "ids", "filed"), "HSCAN"),
    **dict.fromkeys(("logged", "decided"), "SSCAN"),
    "wide": "ZSCAN",
}
"""Classes of keys whose entries are moved: fields and members begin with a digest, votes name their contact."""
COPIED = frozenset({"arrival", "erased", "batch"})
"""Classes of keys that each new partition gets: a counter that must not fall, digests of digests, a place in order."""
STAYING = frozenset({"daily", "confirmed", "votes", "backfill", "prepared"})
"""Counts, of which only sums over all partitions are read; what is made of other keys; what expires in a minute."""
WRITERS = {"HSCAN": ("HSET", "HDEL"), "SSCAN": ("SADD", "SREM"), "ZSCAN": ("ZADD", "ZREM")}


def move_keys(store: Store, target: Tenant) -> Iterator[int]:
    """Move all keys to the partitions of the target; yield how many keys were checked so far."""
    seen = 0
    for page in _pages(store):
        by_class: dict[str, list[bytes]] = {}
        for key in page:
            partition, name = split_key(key)
            if partition < store.tenant.partition_count:
                by_class.setdefault(key_class(name), []).append(key)
        for of, keys in by_class.items():
            if of in OF_CONTACT:
                _move_whole(store, target, keys)
            elif of in OF_ENTRIES:
                _move_entries(store, target, OF_ENTRIES[of], keys)
            elif of in COPIED:
                _copy(store, target, keys)
        seen += len(page)
        yield seen
    for partition in range(target.partition_count):
        rebuild_rows(store, partition)
    _spread_arrivals(store, target)


def _pages(store: Store) -> Iterator[list[bytes]]:
    with store_errors():
        keys = store.redis.scan_iter(match=f"dog:{{{store.tenant.name}:*", count=KEYS_PER_PAGE)
        yield from batched(keys, KEYS_PER_PAGE)


def _move_whole(store: Store, target: Tenant, keys: Iterable[bytes]) -> None:
    places = {key: target.partition_number(urlsafe_b64decode(key[-22:] + b"==")) for key in keys}
    moved = [key for key, partition in places.items() if partition != split_key(key)[0]]
    found = dump_keys(store, in_order(moved))
    new = (replace(one, partition=target.partition_number(urlsafe_b64decode(one.name[-22:] + b"=="))) for one in found)
    write_dumped_keys(store.redis, target.name, new)
    drop_keys(store.redis, moved)


def _move_entries(store: Store, target: Tenant, command: str, keys: Sequence[bytes]) -> None:
    expiries = dict(zip(keys, store.execute_all(("PTTL", key) for key in keys), strict=True))
    writes, deletes, waiting = store.trip(), store.trip(), 0
    for key, page in scan(store, command, keys, KEYS_PER_TRIP):
        moved = _by_partition(target, command, key, page)
        _add_moves(writes, deletes, target, command, key, moved, expiries[key])
        waiting += sum(map(len, moved.values()))
        if waiting >= ENTRIES_PER_TRIP:
            writes.send()
            deletes.send()
            writes, deletes, waiting = store.trip(), store.trip(), 0
    writes.send()
    deletes.send()


def _by_partition(target: Tenant, command: str, key: bytes, page: Any) -> dict[int, list[Any]]:
    """Return the entries of a page that leave their key, by their new partitions."""
    moved: dict[int, list[Any]] = {}
    own = split_key(key)[0]
    for entry in page.items() if isinstance(page, dict) else page:
        partition = target.partition_number(_digest_of(command, entry))
        if partition != own:
            moved.setdefault(partition, []).append(entry)
    return moved


def _add_moves(
    writes: RoundTrip,
    deletes: RoundTrip,
    target: Tenant,
    command: str,
    key: bytes,
    moved: Mapping[int, Sequence[Any]],
    expires_ms: int,
) -> None:
    """Add the commands that write entries to their new partitions, and those that delete them, to two round trips."""
    write, delete = WRITERS[command]
    for partition, entries in moved.items():
        new = target.keys.partition(partition).prefix + split_key(key)[1]
        writes.add(write, new, *_words(command, entries))
        if expires_ms > 0:
            writes.add("PEXPIRE", new, expires_ms)
        deletes.add(delete, key, *(entry if command == "SSCAN" else entry[0] for entry in entries))


def _digest_of(command: str, entry: Any) -> bytes:
    """Return the digest that says where an entry of a page belongs."""
    if command == "ZSCAN":
        return parse_vote(entry[0]).contact
    found: bytes = entry if command == "SSCAN" else entry[0]
    return found


def _words(command: str, entries: Iterable[Any]) -> Iterator[Argument]:
    """Yield entries of a page as the command takes them that writes them."""
    for entry in entries:
        if command == "HSCAN":
            yield from entry
        elif command == "SSCAN":
            yield entry
        else:
            yield from (0, entry[0])


def _copy(store: Store, target: Tenant, keys: Iterable[bytes]) -> None:
    """Give each new partition what the one has that it comes from."""
    step = store.tenant.partition_count
    found = dump_keys(store, in_order(keys))
    copies = (
        replace(one, partition=partition)
        for one in found
        for partition in range((one.partition or 0) + step, target.partition_count, step)
    )
    write_dumped_keys(store.redis, target.name, copies)


def _spread_arrivals(store: Store, target: Tenant) -> None:
    """Let what names the last arrival of each partition name it for the new ones."""
    versions = store.keys.of("versions")
    for version, document in store.execute("HGETALL", versions).items():
        store.execute("HSET", versions, version, _spread(document, target.partition_count))
    if (late := store.execute("GET", store.keys.of("late"))) is not None:
        store.execute("SET", store.keys.of("late"), _spread(late, target.partition_count))


def _spread(document: bytes, count: int) -> bytes:
    fields = orjson.loads(document)
    if fields["arrivals"]:
        fields["arrivals"] *= count // len(fields["arrivals"])
    return orjson.dumps(fields)


def switch_tenant(store: Store, target: Tenant) -> None:
    """Let the tenant have the partitions of the target."""
    marks, head = store_marks(store), store.keys.of("head")
    if marks.partition_count != target.partition_count:
        of_target = replace(store, tenant=target)
        now, before = (
            sum(int(count or 0) for count in of.in_partitions("GET", "arrival")) for of in (of_target, store)
        )
        copied = now - before + int(store.execute("HGET", head, COPIED_ARRIVALS) or 0)
        store.execute("HSET", head, "partitions", target.partition_count, COPIED_ARRIVALS, copied)
    write_tenant(store.redis, target)
    mark_repartitioned(store.redis, target.name)
