"""What a contact has in keys that are found by other ids than its own: decisions, and claims of event ids.

An erasure finds a contact's decisions by the sets `decided`, and the ids of its events by its log and archive. A claim
whose call was cut off before the log was written is noted in `claiming`: each call of feedback writes its claims into a
place there, which the next call takes over once the first has ended. Data from before schema 2 are in neither: while
there may be any, an erasure reads all of the tenant's.
"""

from collections.abc import Iterable, Iterator, Sequence

from dog.batched import batched
from dog.core.iso_weeks import format_week
from dog.storage.connection import store_errors
from dog.storage.ids import digests
from dog.storage.keys import ID_BUCKETS, PartitionKeys
from dog.storage.round_trip import Command
from dog.storage.store import Store
from dog.storage.stretches import STRETCH, scan

RETENTION_SECONDS = 35 * 24 * 3600
LISTED_SECONDS = 44 * 24 * 3600
"""How long a list is kept from its first decision on: its week, 35 days, and two days for what is written late."""
RETENTION_WEEKS = 7
"""Weeks that may have a kept decision: the current one, the next and those of the last 35 days."""
LISTED_FROM = b"listed_from_ms"
"""Field of the tenant's head: from when on decisions and claims are listed, milliseconds since 1970; 0 for ever."""
BACKFILLING = b"backfilling"
"""Field of the tenant's head while a back-fill, or one that was killed, may have claims that are in no log."""
ID_BYTES, CLAIM_BYTES = 12, 38
BUCKETS_PER_TRIP = 64
CONTACT = slice(10, 26)
"""Bytes of an id's value that hold the digest of the contact."""
WEEK = slice(20, 22)
"""Bytes of a claim that hold the week of its event."""


def decided_suffix(week: str, contact: bytes) -> str:
    """Return what the key of the decisions of a week ends with, of some contacts of a partition."""
    return f"{week}:{contact[4]:02x}"


def list_decision(keys: PartitionKeys, week: str, contact: bytes, decision: bytes) -> list[Command]:
    """Return the commands that list a decision with its contact, given both digests."""
    key = keys.of("decided", decided_suffix(week, contact))
    return [("SADD", key, contact + decision), ("EXPIRE", key, LISTED_SECONDS, "NX")]


def find_decision_keys(store: Store, contact: bytes, week: int, now_ms: int) -> list[bytes]:
    """Return the keys of a contact's decisions; `week` is the current one. Some may not be there any more."""
    if now_ms < _listed_from_ms(store) + 1000 * RETENTION_SECONDS:
        return _scan_decisions(store, contact)
    members = (member for _, page in scan(store, "SSCAN", _decided_keys(store, contact, week)) for member in page)
    decisions = sorted({member[16:] for member in members if member.startswith(contact)})
    keys = [store.tenant.partition(decision).contact("decision", decision) for decision in decisions]
    owners = store.execute_all(("GETRANGE", key, 8, 23) for key in keys)  # an id may be used again for another contact
    return [key for key, owner in zip(keys, owners, strict=True) if owner == contact]


def forget_decisions(store: Store, contact: bytes, week: int) -> None:
    """Take a contact out of the lists of decisions."""
    for key, page in scan(store, "SSCAN", _decided_keys(store, contact, week)):
        if own := [member for member in page if member.startswith(contact)]:
            store.execute("SREM", key, *own)


def _decided_keys(store: Store, contact: bytes, week: int) -> list[bytes]:
    keys = store.tenant.partition(contact)
    weeks = (format_week(week - ago) for ago in range(-1, RETENTION_WEEKS))
    return [keys.of("decided", decided_suffix(name, contact)) for name in weeks]


def scan_decision_keys(store: Store) -> Iterator[bytes]:
    """Find the keys of the decisions in Redis; one that is moved meanwhile may be left out."""
    with store_errors():
        yield from store.redis.scan_iter(match=f"dog:{{{store.tenant.name}:*}}:decision:*", count=STRETCH)


def _scan_decisions(store: Store, contact: bytes) -> list[bytes]:
    """Return the keys of a contact's decisions by reading those of all."""
    found: list[bytes] = []
    for some in batched(scan_decision_keys(store), STRETCH):
        owners = store.execute_all(("GETRANGE", key, 8, 23) for key in some)
        found += [key for key, owner in zip(some, owners, strict=True) if owner == contact]
    return found


def forget_event_ids(store: Store, contact: bytes, event_ids: Iterable[str], closed_until_ms: int) -> int:
    """Delete a contact's claims of event ids: those given, and those whose calls were cut off; return how many.

    `closed_until_ms` is the end of the archived weeks, which have no ids any more.
    """
    if closed_until_ms < _listed_from_ms(store) or store.execute("HEXISTS", store.keys.of("head"), BACKFILLING):
        return _forget_by_scan(store, contact) + _forget_calls(store, contact)
    known = digests(store.tenant.secret, event_ids, ID_BYTES)
    return _forget(store, contact, known) + _forget_calls(store, contact)


def _forget_calls(store: Store, contact: bytes) -> int:
    """Delete the contact's claims that calls have noted, then the notes."""
    key, forgotten = store.keys.of("claiming"), 0
    for _, calls in scan(store, "HSCAN", [key]):
        ids = {record[:ID_BYTES] for claims in calls.values() for record in _records(claims) if record[22:] == contact}
        forgotten += _forget(store, contact, sorted(ids))
        if ids:
            store.run_script("forget_calls", [key], [contact, *calls])
    return forgotten


def forget_calls(store: Store, before_week: int) -> None:
    """Delete the notes of calls whose claims are all of weeks before one (UTC week number), and gone with them."""
    for key, calls in scan(store, "HSCAN", [store.keys.of("claiming")]):
        weeks = {
            call: max(int.from_bytes(record[WEEK], "little") for record in _records(claims))
            for call, claims in calls.items()
        }
        if old := [call for call, week in weeks.items() if week < before_week]:
            store.execute("HDEL", key, *old)


def _records(claims: bytes) -> Iterator[bytes]:
    return (claims[at : at + CLAIM_BYTES] for at in range(0, len(claims), CLAIM_BYTES))


def _forget(store: Store, contact: bytes, ids: Sequence[bytes]) -> int:
    """Delete those of some claims that are a contact's; return how many."""
    forgotten = 0
    for some in batched(ids, STRETCH):
        places = [(claim_key(store, one), one) for one in some]
        values = store.execute_all(("HGET", *place) for place in places)
        own = [place for place, value in zip(places, values, strict=True) if value and value[CONTACT] == contact]
        forgotten += sum(store.execute_all(("HDEL", *place) for place in own))
    return forgotten


def _forget_by_scan(store: Store, contact: bytes) -> int:
    """Delete a contact's claims by reading those of all; return how many."""
    partitions = map(store.keys.partition, range(store.tenant.partition_count))
    buckets = (keys.of("ids", str(bucket)) for keys in partitions for bucket in range(ID_BUCKETS))
    forgotten = 0
    for bucket, ids in scan(store, "HSCAN", buckets, BUCKETS_PER_TRIP):
        if own := [one for one, value in ids.items() if value[CONTACT] == contact]:
            forgotten += store.execute("HDEL", bucket, *own)
    return forgotten


def claim_key(store: Store, hashed: bytes) -> bytes:
    """Return the key that has an event's id, given its digest of 12 bytes."""
    return store.tenant.partition(hashed).of("ids", str(hashed[4] % ID_BUCKETS))


def _listed_from_ms(store: Store) -> int:
    return int(store.execute("HGET", store.keys.of("head"), LISTED_FROM) or 0)
