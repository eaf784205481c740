"""How many wins and losses each actor reported in a week: counted, to be looked at; no weight depends on it."""

from collections.abc import Mapping

from dog.core.iso_weeks import format_week
from dog.storage.store import Store

KEPT_SECONDS = 9 * 7 * 86_400
TOTAL = ""
"""Stands for all actors together."""

Counts = Mapping[tuple[str, str], int]
"""By kind (`win`, `loss`) and actor."""


def add_actor_counts(store: Store, week: int, counts: Counts) -> dict[tuple[str, str], int]:
    """Add to the week's counts; what they come to."""
    key = store.keys.of("actors", format_week(week))
    trip = store.trip()
    for (kind, actor), count in counts.items():
        trip.add("HINCRBY", key, f"{kind}:{actor}", count)
    trip.add("EXPIRE", key, KEPT_SECONDS)
    return dict(zip(counts, trip.send(), strict=False))


def read_actor_counts(store: Store, week: int) -> dict[tuple[str, str], int]:
    """Read a week's counts."""
    trip = store.trip()
    trip.add("HGETALL", store.keys.of("actors", format_week(week)))
    found = {}
    for field, count in trip.send()[0].items():
        kind, _, actor = field.decode().partition(":")
        found[kind, actor] = int(count)
    return found
