"""Retract an event as if it had never been sent."""

from collections.abc import Mapping
from typing import Any

import orjson

from dog.core.events import OUTCOMES, EventType
from dog.core.records import OUTCOME, VERDICT
from dog.storage.event_counts import daily_key
from dog.storage.event_log import RETRACTED, ledger_name, read_entry
from dog.storage.store import Store
from dog.storage.votes import change_of_votes, pack_vote


def read_event(store: Store, contact: bytes, event_id: str) -> bytes | None:
    """Read an event's log entry."""
    log = store.tenant.partition(contact).contact("log", contact)
    entry: bytes | None = store.execute("HGET", log, store.tenant.digest64(event_id).to_bytes(8, "little"))
    return entry


def _kept_of(extras: Mapping[str, Any]) -> dict[str, str]:
    """Return what the marker keeps of an entry: the load that it came with, and the actor, for an erasure."""
    return {name: extras[name] for name in ("i", "a") if name in extras}


def retract_event(store: Store, contact: bytes, event_id: str, entry: bytes, numbers: Mapping[str, int]) -> bool:
    """Retract an event as if it had never been sent; return False if it was retracted before."""
    _, kind, at, product_id, extras = orjson.loads(entry)
    if kind == RETRACTED:
        return False
    keys, event_type, number = store.tenant.partition(contact), EventType(kind), numbers.get(product_id or "")
    event = read_entry("", entry)
    vote = pack_vote(store, event, contact) if event is not None else None
    names = [keys.contact("log", contact), keys.contact(ledger_name(event_type), contact), daily_key(keys, at)]
    trip = store.trip()
    trip.script(
        "retract_event",
        [*names, keys.of("wide"), keys.of("votes")],
        [
            store.tenant.digest64(event_id).to_bytes(8, "little"),
            orjson.dumps([event_id, RETRACTED, at, product_id, {"type": kind} | _kept_of(extras)]),
            OUTCOME.itemsize if event_type in OUTCOMES else VERDICT.itemsize,
            b"" if number is None else b"%d:%d" % (number, kind),  # field that counts it by day
            vote or b"",
        ],
    )
    if vote is not None:
        trip.add(*change_of_votes(store))
    return bool(trip.send(replicated=True)[0] == 1)
