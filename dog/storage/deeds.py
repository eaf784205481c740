"""Which events a person has sent from the console on a day, so that each can be listed and taken back."""

from datetime import date

from dog.storage.store import Store

KEPT_SECONDS = 2 * 24 * 3600
MOST_DEEDS = 2_000
"""Newest events of a person and day that are listed."""


def note_deed(store: Store, actor_id: str, day: date, event_id: str, at_ms: int) -> None:
    """Note an event before it is recorded; the same one again changes nothing."""
    key = _key(store, actor_id, day)
    trip = store.trip()
    trip.add("ZADD", key, at_ms, event_id)
    trip.add("ZREMRANGEBYRANK", key, 0, -MOST_DEEDS - 1)
    trip.add("EXPIRE", key, KEPT_SECONDS)
    trip.send()


def read_deeds(store: Store, actor_id: str, day: date) -> list[str]:
    """Return the ids of a person's events of a day, the newest first; some may be of events that were refused."""
    return [event_id.decode() for event_id in store.execute("ZREVRANGE", _key(store, actor_id, day), 0, -1)]


def _key(store: Store, actor_id: str, day: date) -> bytes:
    return store.keys.of("deeds", f"{day}:{store.tenant.digest64(actor_id):016x}")
