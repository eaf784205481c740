"""Counters of events: by day and product, and of wins and losses by week and actor."""

from collections import Counter
from collections.abc import Iterator, Mapping

import numpy as np

from dog.core.events import EventType
from dog.core.iso_weeks import DAY_MS, format_week
from dog.storage.keys import PartitionKeys
from dog.storage.store import Store
from dog.storage.stretches import read_hashes

DAILY_KEPT_DAYS = 367
DAYS_PER_TRIP = 200


def day_of(at_ms: int) -> int:
    """Return the UTC day of a time, in days since 1970."""
    return at_ms // DAY_MS


def daily_key(keys: PartitionKeys, at_ms: int) -> bytes:
    """Return the key of the counts of a time's day."""
    return keys.of("daily", str(day_of(at_ms)))


def retention_seconds(at_ms: int, now_ms: int) -> int:
    """Return for how many seconds the counts of a time's day are kept; 0 if they have expired."""
    return max(0, (day_of(at_ms) + DAILY_KEPT_DAYS) * DAY_MS - now_ms) // 1000


def read_daily_counts(store: Store, first_day: int, last_day: int, product_count: int) -> dict[EventType, np.ndarray]:
    """Sum the events of each type and product over all contacts and some days; arrays of shape (products + 1,)."""
    counts = {kind: np.zeros(product_count + 1, np.int64) for kind in EventType}
    for product, kind, count in _read_days(store, first_day, last_day):
        if product < product_count:
            counts[kind][product] += count
    return counts


def count_types(store: Store, first_day: int, last_day: int) -> Counter[EventType]:
    """Sum the events of each type over all contacts, products and some days."""
    counts = Counter[EventType]()
    for _, kind, count in _read_days(store, first_day, last_day):
        counts[kind] += count
    return counts


def _read_days(store: Store, first_day: int, last_day: int) -> Iterator[tuple[int, EventType, int]]:
    """Yield product, type and count of each counter of some days."""
    partitions = map(store.keys.partition, range(store.tenant.partition_count))
    days = range(first_day, last_day + 1)
    counts = [keys.of("daily", str(day)) for keys in partitions for day in days]
    for counted in read_hashes(store, counts, DAYS_PER_TRIP):
        for field, count in counted.items():
            product, _, kind = field.partition(b":")
            yield int(product), EventType(int(kind)), int(count)


ACTORS_KEPT_SECONDS = 9 * 7 * 86_400
TOTAL = ""
"""Field of all actors together."""

Counts = Mapping[tuple[str, str], int]
"""By type (`win`, `loss`) and actor."""


def add_actor_counts(store: Store, week: int, counts: Counts) -> dict[tuple[str, str], int]:
    """Add to the week's counts and return the new sums."""
    key = store.keys.of("actors", format_week(week))
    trip = store.trip()
    for (kind, actor), count in counts.items():
        trip.add("HINCRBY", key, f"{kind}:{actor}", count)
    trip.add("EXPIRE", key, ACTORS_KEPT_SECONDS)
    return dict(zip(counts, trip.send(), strict=False))


def read_actor_counts(store: Store, week: int) -> dict[tuple[str, str], int]:
    """Read a week's counts."""
    found = {}
    for field, count in store.execute("HGETALL", store.keys.of("actors", format_week(week))).items():
        kind, _, actor = field.decode().partition(":")
        found[kind, actor] = int(count)
    return found
