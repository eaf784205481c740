"""Which contacts an actor has sent events of, day by day: where to look for what a rep did and has still to do.

The contacts' logs have the events themselves.
"""

from collections.abc import Iterable, Iterator

import orjson

from dog.core.iso_weeks import DAY_MS
from dog.storage.event_counts import day_of
from dog.storage.event_log import Event
from dog.storage.round_trip import Command
from dog.storage.store import Store

KEPT_DAYS = 28
ACTOR_BYTES = 8


def record_worked_contacts(store: Store, events: Iterable[Event], now_ms: int) -> None:
    """Record the contacts of events of the last 28 days that name their actor, unless a file is loaded; idempotent."""
    if store.load:
        return
    earliest_ms = (day_of(now_ms) - KEPT_DAYS) * DAY_MS
    by_day: dict[int, set[tuple[str, str]]] = {}
    for event in events:
        if event.actor_id and event.occurred_at_ms >= earliest_ms:
            by_day.setdefault(day_of(event.occurred_at_ms), set()).add((event.actor_id, event.contact_id))
    if by_day:
        store.execute_all(_record(store, by_day, now_ms))


def _record(store: Store, by_day: dict[int, set[tuple[str, str]]], now_ms: int) -> Iterator[Command]:
    actors = {actor: _actor(store, actor) for actor in {actor for pairs in by_day.values() for actor, _ in pairs}}
    for day, pairs in by_day.items():
        key = _key(store, day)
        members: list[bytes | int] = []
        for actor, contact_id in pairs:
            members += (0, actors[actor] + store.tenant.contact(contact_id))
        yield "ZADD", key, *members
        yield "PEXPIRE", key, (day + KEPT_DAYS + 1) * DAY_MS - now_ms


def read_worked_contacts(store: Store, actor_id: str, since_ms: int, now_ms: int) -> list[set[bytes]]:
    """Read the digests of an actor's contacts, a set for each UTC day from that of one time to that of another."""
    actor, first = _actor(store, actor_id), max(day_of(since_ms), day_of(now_ms) - KEPT_DAYS)
    found = store.execute_all(
        ("ZRANGEBYLEX", _key(store, day), b"[" + actor, b"(" + actor + b"\xff" * 17)
        for day in range(first, day_of(now_ms) + 1)
    )
    return [{member[ACTOR_BYTES:] for member in members} for members in found]


def forget_worked_contact(store: Store, contact: bytes, entries: Iterable[bytes]) -> None:
    """Remove a contact, given the entries of its log, those of retracted events included."""
    parsed = [orjson.loads(entry) for entry in entries]
    days = {(day_of(at_ms), extras["a"]) for _, _, at_ms, _, extras in parsed if "a" in extras}
    store.execute_all(("ZREM", _key(store, day), _actor(store, actor) + contact) for day, actor in sorted(days))


def _key(store: Store, day: int) -> bytes:
    return store.keys.of("worked", str(day))


def _actor(store: Store, actor_id: str) -> bytes:
    return store.tenant.digest64(actor_id).to_bytes(ACTOR_BYTES, "little")
