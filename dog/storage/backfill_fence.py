"""The fence of a back-fill: while its load holds every partition, no other feedback is written there."""

from dog.storage.contact_lists import BACKFILLING
from dog.storage.round_trip import Command
from dog.storage.store import Store

FENCE_MS = 20_000
"""After that other feedback is taken again, where the back-fill was killed."""


def raise_fence(store: Store) -> None:
    """Hold all partitions for the store's load; a back-fill that held them before can write no more."""
    store.execute("HSET", store.keys.of("head"), BACKFILLING, store.load)
    store.execute_all(("SET", key, store.load, "PX", FENCE_MS) for key in _fences(store))


def keep_fence(store: Store) -> bool:
    """Hold them on; return whether the load still held them all."""
    return _renew(store, FENCE_MS)


def complete_backfill(store: Store) -> None:
    """Record that all ids which are claimed are in logs."""
    store.execute("HDEL", store.keys.of("head"), BACKFILLING)


def drop_fence(store: Store) -> None:
    """Take other feedback again."""
    _renew(store, 0)


def is_without_feedback(store: Store) -> bool:
    """Return whether no partition has ever taken an event."""
    commands: list[Command] = [
        ("EXISTS", keys.of("arrival"), keys.of("logged"))
        for keys in map(store.keys.partition, range(store.tenant.partition_count))
    ]
    return not any(store.execute_all(commands))


def _fences(store: Store) -> list[bytes]:
    return [store.keys.partition(number).of("backfill") for number in range(store.tenant.partition_count)]


def _renew(store: Store, milliseconds: int) -> bool:
    trip = store.trip()
    for key in _fences(store):
        trip.script("renew_lease", [key], [store.load, milliseconds])
    return all(trip.send())
