"""Served decisions: kept for a while, found by id, their laps counted once."""

from collections import Counter
from collections.abc import Collection
from dataclasses import InitVar, dataclass, field
from typing import Any

import orjson
from isal import isal_zlib as zlib  # the same bytes to whoever reads them, made in a fifth of the time

from dog.storage.ids import digest
from dog.storage.store import Store

RETENTION_SECONDS = 35 * 24 * 3600
FIRED_SECONDS = 70 * 24 * 3600


@dataclass(frozen=True, slots=True)
class KeptDecision:
    """One served decision, its record ready to be written.

    Packed where it is made, though it is written elsewhere: a thread that packs takes turns with the one that answers
    several times a decision, and each turn costs the other what it holds in the processor's caches.
    """

    decision_id: str
    request: bytes  # fingerprint of the request that asked for it
    contact: bytes  # digest of its contact
    week: str  # week in which it was generated, as 2026-W46
    content: InitVar[dict[str, Any]]
    fired: Collection[str] = ()  # rules that moved or excluded anything, as "policy:rule"
    record: bytes = field(init=False)  # 8 bytes of request, 16 of contact, the content compressed

    def __post_init__(self, content: dict[str, Any]) -> None:
        packed = self.request + self.contact + zlib.compress(orjson.dumps(content), 1)
        object.__setattr__(self, "record", packed)


def _place(store: Store, decision_id: str) -> tuple[int, bytes]:
    hashed = digest(store.tenant.secret, decision_id)
    number = store.tenant.partition_number(hashed)
    return number, store.keys.partition(number).contact("decision", hashed)


def read_decision(store: Store, decision_id: str) -> tuple[bytes, dict[str, Any]] | None:
    """Read a kept decision: the fingerprint of its request, and its content; None where there is none."""
    trip = store.trip()
    trip.add("GET", _place(store, decision_id)[1])
    packed = trip.send()[0]
    return None if packed is None else (packed[:8], orjson.loads(zlib.decompress(packed[24:])))


def read_decisions(store: Store, decision_ids: Collection[str]) -> dict[str, dict[str, Any]]:
    """Read the contents of several kept decisions in one round trip, by id; those not kept are left out."""
    if not decision_ids:
        return {}
    trip = store.trip()
    for decision_id in decision_ids:
        trip.add("GET", _place(store, decision_id)[1])
    found = zip(decision_ids, trip.send(), strict=True)
    return {
        decision_id: orjson.loads(zlib.decompress(packed[24:])) for decision_id, packed in found if packed is not None
    }


def read_decision_keys(store: Store, keys: list[bytes]) -> list[dict[str, Any]]:
    """Read the contents of kept decisions by their keys; those that have expired meanwhile are left out."""
    trip = store.trip()
    for key in keys:
        trip.add("GET", key)
    return [orjson.loads(zlib.decompress(packed[24:])) for packed in trip.send() if packed is not None]


def annotate_decision(store: Store, decision_id: str, name: str, value: Any) -> bool:
    """Add a field to a kept decision; False where it is not kept (yet, or any more). Its expiry stays."""
    key = _place(store, decision_id)[1]
    trip = store.trip()
    trip.add("GET", key)
    packed: bytes | None = trip.send()[0]
    if packed is None:
        return False
    content = {**orjson.loads(zlib.decompress(packed[24:])), name: value}
    trip = store.trip()
    # only where it still is: one that was erased meanwhile must not come back
    trip.add("SET", key, packed[:24] + zlib.compress(orjson.dumps(content), 1), "XX", "KEEPTTL")
    return trip.send()[0] is not None


def write_decisions(store: Store, decisions: list[KeptDecision]) -> list[bool]:
    """Keep decisions and count their laps; tell for each whether it was new."""
    calls: dict[int, tuple[list[int], list[bytes], list[bytes]]] = {}
    for place, decision in enumerate(decisions):
        number, key = _place(store, decision.decision_id)
        places, keys, packed = calls.setdefault(number, ([], [], []))
        places.append(place)
        keys.append(key)
        packed.append(decision.record)
    trip = store.trip()
    for _, keys, packed in calls.values():
        trip.script("keep_decisions", keys, [RETENTION_SECONDS, *packed])
    new = [False] * len(decisions)
    for (places, _, _), answers in zip(calls.values(), trip.send(), strict=True):
        for place, answer in zip(places, answers, strict=True):
            new[place] = answer == 1
    _count_laps(store, [decision for decision, is_new in zip(decisions, new, strict=True) if is_new])
    return new


def _count_laps(store: Store, decisions: list[KeptDecision]) -> None:
    trip = store.trip()
    for decision in decisions:
        keys = store.tenant.partition(decision.contact)
        trip.script("count_lap", [keys.of("laps"), keys.of("laps", decision.week)], [decision.contact])
    fired = Counter((decision.week, rule) for decision in decisions for rule in decision.fired)
    for (week, rule), lists in fired.items():
        trip.add("HINCRBY", store.keys.of("fired", week), rule, lists)
    for week in {week for week, _ in fired}:
        trip.add("EXPIRE", store.keys.of("fired", week), FIRED_SECONDS)
    trip.send()


def read_fired_counts(store: Store, policy: str, week: str) -> dict[str, int]:
    """Read in how many lists of a week each rule of a policy moved or excluded something, by rule id."""
    trip = store.trip()
    trip.add("HGETALL", store.keys.of("fired", week))
    found = ((*field.decode().partition(":")[::2], int(lists)) for field, lists in trip.send()[0].items())
    return {rule_id: lists for of, rule_id, lists in found if of == policy}
