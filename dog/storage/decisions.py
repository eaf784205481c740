"""Served decisions: kept for 35 days, in Redis or in the archive, found by id, their laps counted once."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import InitVar, dataclass, field
from functools import lru_cache
from typing import Any

import orjson
from isal import isal_zlib as zlib  # the format of zlib at five times its speed

from dog.storage.archived_decisions import index_entry, read_archived
from dog.storage.connection import is_cluster
from dog.storage.contact_lists import LISTED_SECONDS, RETENTION_SECONDS, list_decision
from dog.storage.contact_reads import DIGEST
from dog.storage.ids import digest
from dog.storage.keys import TenantKeys, contact_suffix
from dog.storage.round_trip import RoundTrip
from dog.storage.server_connection import pack_template
from dog.storage.store import Store

FIRED_SECONDS = 70 * 24 * 3600
BUCKET = "<>"
"""It is replaced by the end of the key of a list of decisions, as long."""
LAPS_SECONDS = 60 * 7 * 24 * 3600
"""Longer than a week stays open; as in count_lap.lua."""


@dataclass(slots=True, kw_only=True)  # not frozen: one is made for each list, and takes a fifth of the time
class KeptDecision:
    """One served decision, packed for writing.

    Packed by the thread that answers: packing in the writer's thread would switch threads several times a decision.
    """

    decision_id: str
    request: bytes  # fingerprint of its request, 8 bytes
    contact: bytes  # digest of its contact, 16 bytes
    week: str  # week in which it was generated, as 2026-W46
    content: InitVar[bytes]  # JSON
    fired: Collection[str] = ()  # rules that changed or excluded an option, as "policy:rule"
    record: bytes = field(init=False)  # request, contact, compressed content

    def __post_init__(self, content: bytes) -> None:
        self.record = self.request + self.contact + zlib.compress(content, 1)


def read_decision(store: Store, decision_id: str) -> tuple[bytes, dict[str, Any]] | None:
    """Read a decision: fingerprint of its request, and content; None if it is not kept.

    Raise `ArchiveUnavailable`, as the functions below, if it is archived and the archive cannot be reached.
    """
    return read_decision_records(store, [decision_id])[0]


def read_decision_records(store: Store, decision_ids: Sequence[str]) -> list[tuple[bytes, dict[str, Any]] | None]:
    """Read decisions in their order: fingerprint of the request, and content; None for those not kept."""
    kept = read_records(store, [digest(store.tenant.secret, decision_id) for decision_id in decision_ids])
    return [None if packed is None else (packed[:8], unpack_content(packed)) for packed in kept]


def read_records(store: Store, hashed: Sequence[bytes]) -> list[bytes | None]:
    """Read decisions as they are stored, by digest, in their order; None for those not kept."""
    partitions = map(store.tenant.partition, hashed)
    keys = [own.contact("decision", one) for own, one in zip(partitions, hashed, strict=True)]
    trip = store.trip()
    for one, key in zip(hashed, keys, strict=True):  # first the decision: it moves from there to the archive
        trip.add("GET", key)
        trip.add("HGET", *index_entry(store, one))
    answers = trip.send()
    found = list(zip(hashed, answers[::2], answers[1::2], strict=True))
    archived = read_archived(store, {one: int(place) for one, packed, place in found if packed is None and place})
    return [archived.get(one) if packed is None else packed for one, packed, _ in found]


def unpack_content(packed: bytes) -> Any:
    """Return the content of a decision as it is stored."""
    return orjson.loads(zlib.decompress(packed[24:]))


def read_decisions(store: Store, decision_ids: Collection[str]) -> dict[str, dict[str, Any]]:
    """Read the contents of decisions by id; those not kept are left out."""
    found = zip(decision_ids, read_decision_records(store, list(decision_ids)), strict=True)
    return {decision_id: record[1] for decision_id, record in found if record is not None}


def read_decision_keys(store: Store, keys: list[bytes]) -> list[dict[str, Any]]:
    """Read the contents of decisions by key; those not kept are left out."""
    return [unpack_content(packed) for packed in store.execute_all(("GET", key) for key in keys) if packed is not None]


def annotate_decision(store: Store, decision_id: str, name: str, value: Any) -> bool:
    """Add a field to a decision, keeping its expiry; return False if it is not kept (yet, or any more)."""
    hashed = digest(store.tenant.secret, decision_id)
    key = store.tenant.partition(hashed).contact("decision", hashed)
    packed: bytes | None = store.execute("GET", key)
    if packed is None:
        return False
    content = {**unpack_content(packed), name: value}
    changed = packed[:24] + zlib.compress(orjson.dumps(content), 1)
    # XX: a decision erased meanwhile must not come back
    return store.execute("SET", key, changed, "XX", "KEEPTTL") is not None


def write_new_decisions(store: Store, decisions: list[KeptDecision]) -> None:
    """Write decisions whose ids were made here, and count their laps, in one round trip.

    No other process has these ids. After an error some may be written: then `write_decisions` writes the others.
    """
    if is_cluster(store.redis):  # where a part may fail or move by itself
        write_decisions(store, decisions)
        return
    trip, tenant = store.trip(), store.tenant
    for decision in decisions:
        hashed, contact = digest(tenant.secret, decision.decision_id), decision.contact
        key, count = _lap_commands(tenant.name, tenant.partition_number(contact), decision.week)
        bucket = b"%02x" % contact[4]
        trip.add_packed(key, count % (contact, contact, bucket, contact + hashed, bucket), answers=5)
        key, write = _write_command(tenant.name, tenant.partition_number(hashed))
        trip.add_packed(key, write % (contact_suffix(hashed), len(decision.record), decision.record))
    _add_fired(trip, store, decisions)
    trip.send()


@lru_cache(maxsize=1024)
def _write_command(tenant: str, partition: int) -> tuple[bytes, bytes]:
    """Return a key of the partition, and the packed command that writes a decision, given its key's end and record."""
    key = TenantKeys(tenant).partition(partition).contact("decision", DIGEST)
    packed = pack_template([("SET", key, b"", "EX", RETENTION_SECONDS)], contact_suffix(DIGEST))
    return key, packed.replace(b"$0\r\n\r\n", b"$%d\r\n%b\r\n")


@lru_cache(maxsize=1024)
def _lap_commands(tenant: str, partition: int, week: str) -> tuple[bytes, bytes]:
    """Return a key of the partition, and packed commands that count a lap of a contact and list its decision.

    They are given the digest of the contact twice, the end of the list's key, both digests, and that end again.
    """
    keys = TenantKeys(tenant).partition(partition)
    laps, of_week = keys.of("laps"), keys.of("laps", week)
    commands = [("HINCRBY", laps, DIGEST, 1), ("HINCRBY", of_week, DIGEST, 1), ("EXPIRE", of_week, LAPS_SECONDS)]
    listed = keys.of("decided", f"{week}:{BUCKET}")
    commands += [("SADD", listed, DIGEST + DIGEST), ("EXPIRE", listed, LISTED_SECONDS, "NX")]
    return laps, pack_template(commands, DIGEST + DIGEST, DIGEST, BUCKET.encode())


def write_decisions(store: Store, decisions: list[KeptDecision]) -> list[bool]:
    """Write decisions of which some may be written already, and count laps of the others; return which are new."""
    new = keep_decisions(store, decisions)
    fresh = [decision for decision, is_new in zip(decisions, new, strict=True) if is_new]
    trip = store.trip()
    for decision in fresh:
        keys = store.tenant.partition(decision.contact)
        trip.script("count_lap", [keys.of("laps"), keys.of("laps", decision.week)], [decision.contact])
    trip.send()
    return new


def keep_decisions(store: Store, decisions: list[KeptDecision]) -> list[bool]:
    """Write decisions without counting their laps; return for each whether it is new."""
    calls: dict[int, tuple[list[int], list[bytes], list[bytes]]] = {}
    for place, decision in enumerate(decisions):
        hashed = digest(store.tenant.secret, decision.decision_id)
        bucket, field_of = index_entry(store, hashed)
        number = store.tenant.partition_number(hashed)
        places, keys, packed = calls.setdefault(number, ([], [], []))
        places.append(place)
        keys += [store.keys.partition(number).contact("decision", hashed), bucket]
        packed += [field_of, decision.record]
    trip = store.trip()
    for decision in decisions:  # before the decisions: none is kept that an erasure would not find
        own, hashed = store.tenant.partition(decision.contact), digest(store.tenant.secret, decision.decision_id)
        for command in list_decision(own, decision.week, decision.contact, hashed):
            trip.add(*command)
    listed = len(trip.commands)
    for _, keys, packed in calls.values():
        trip.script("keep_decisions", keys, [RETENTION_SECONDS, *packed])
    new = [False] * len(decisions)
    for (places, _, _), answers in zip(calls.values(), trip.send()[listed:], strict=True):
        for place, answer in zip(places, answers, strict=True):
            new[place] = answer == 1
    fired = store.trip()
    _add_fired(fired, store, [decision for decision, is_new in zip(decisions, new, strict=True) if is_new])
    fired.send()
    return new


def _add_fired(trip: RoundTrip, store: Store, decisions: Sequence[KeptDecision]) -> None:
    """Count in how many new lists each rule fired."""
    fired = Counter([(decision.week, rule) for decision in decisions for rule in decision.fired])
    for (week, rule), lists in fired.items():
        key, count = _fired_command(store.tenant.name, week, rule)
        trip.add_packed(key, count % (len(str(lists)), lists))
    for week in {week for week, _ in fired}:
        trip.add_packed(*_fired_expiry(store.tenant.name, week))


@lru_cache(maxsize=1024)
def _fired_command(tenant: str, week: str, rule: str) -> tuple[bytes, bytes]:
    """Return the key of a week, and the packed command that counts lists of a rule, given digits and count."""
    key = TenantKeys(tenant).of("fired", week)
    return key, pack_template([("HINCRBY", key, rule, b"")]).replace(b"$0\r\n\r\n", b"$%d\r\n%d\r\n")


@lru_cache(maxsize=64)
def _fired_expiry(tenant: str, week: str) -> tuple[bytes, bytes]:
    key = TenantKeys(tenant).of("fired", week)
    return key, pack_template([("EXPIRE", key, FIRED_SECONDS)]) % ()


def read_fired_counts(store: Store, policy: str, week: str) -> dict[str, int]:
    """Read in how many lists of a week each rule of a policy fired, by rule id."""
    fired = store.execute("HGETALL", store.keys.of("fired", week))
    found = ((*field.decode().partition(":")[::2], int(lists)) for field, lists in fired.items())
    return {rule_id: lists for of, rule_id, lists in found if of == policy}
