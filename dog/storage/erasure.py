"""Erase a contact: everything that identifies it, except the tombstone that refuses it from then on."""

from collections.abc import Iterable

from dog.core.iso_weeks import format_week
from dog.storage.catalogue import read_models
from dog.storage.connection import primaries, store_errors
from dog.storage.ids import clean_id, tombstone
from dog.storage.keys import ID_BUCKETS
from dog.storage.load_journal import CONTACTS, SCORES, TRANSACTIONS, journal_key
from dog.storage.load_records import list_loads
from dog.storage.multiplier_versions import ARRAYS, read_versions
from dog.storage.store import Store
from dog.storage.tenant_dump import tenant_keys

ERASED = ("contact_erased", "the contact was erased, and nothing of it is taken any more")
"""Code and message that refuse events and rows of an erased contact."""
LAP_WEEKS = 61
DECISIONS_PER_TRIP = 1000
BUCKETS_PER_CALL = 32
"""With 8 million ids a call reads about 16,000 of them, so that other requests are not blocked for long."""


def find_erased(store: Store, contact_ids: Iterable[str]) -> set[str]:
    """Return the erased ones among some contacts."""
    by_partition: dict[int, list[tuple[str, bytes]]] = {}
    for contact_id in contact_ids:
        contact = store.tenant.contact(clean_id(contact_id, "contact_id"))
        entry = (contact_id, tombstone(store.tenant.secret, contact))
        by_partition.setdefault(store.tenant.partition_number(contact), []).append(entry)
    flags = store.execute_all(
        ("SMISMEMBER", store.keys.partition(partition).of("erased"), *(stone for _, stone in entries))
        for partition, entries in by_partition.items()
    )
    return {
        contact_id
        for entries, answers in zip(by_partition.values(), flags, strict=True)
        for (contact_id, _), erased in zip(entries, answers, strict=True)
        if erased
    }


def write_tombstone(store: Store, contact: bytes) -> None:
    """Write a contact's tombstone: from then on nothing of it is accepted."""
    trip = store.trip()
    trip.add("SADD", store.tenant.partition(contact).of("erased"), tombstone(store.tenant.secret, contact))
    trip.send(replicated=True)


def erase_contact(store: Store, contact: bytes, week: int) -> int:
    """Delete a contact's keys and fields in its partition atomically; return how many."""
    keys = store.tenant.partition(contact)
    hashes = [keys.of(name) for name in ("contacts", "transactions", "purchases", "laps")]
    hashes += [keys.of("laps", format_week(week - ago)) for ago in range(-1, LAP_WEEKS)]
    models = read_models(store)
    hashes += [keys.of("scores", model) for model in models]
    rows = [CONTACTS, TRANSACTIONS, *(f"{SCORES}-{model}" for model in models)]
    hashes += [journal_key(keys, one.load_id, data) for one in list_loads(store) if one.has_journal for data in rows]
    versions = {(version.version, policy) for version in read_versions(store) for policy in version.policies}
    versions |= {tuple(field.decode().split(":")[:2]) for field in store.execute("HKEYS", store.keys.of("work"))}
    hashes += [keys.of(name, f"{version}:{policy}") for version, policy in sorted(versions) for name in ARRAYS]
    own = keys.of_contact(contact, "log", "outcomes", "verdicts")
    trip = store.trip()
    trip.script("erase_contact", [*own, keys.of("logged"), *hashes], [contact])
    trip.add("ZREM", store.keys.of("resting"), contact)
    gone: int = trip.send()[0]
    return gone


def forget_contact_event_ids(store: Store, contact: bytes) -> int:
    """Delete all event ids of a contact, by reading every id of the tenant; return how many."""
    forgotten = 0
    for partition in range(store.tenant.partition_count):
        buckets = [store.keys.partition(partition).of("ids", str(bucket)) for bucket in range(ID_BUCKETS)]
        trip = store.trip()
        for start in range(0, ID_BUCKETS, BUCKETS_PER_CALL):
            trip.script("forget_ids_of", buckets[start : start + BUCKETS_PER_CALL], [contact])
        forgotten += sum(trip.send())
    return forgotten


def find_decision_keys(store: Store, contact: bytes) -> list[bytes]:
    """Return the keys of a contact's decisions, by reading every decision of the tenant."""
    keys = [key for key in tenant_keys(store.redis, store.tenant.name) if b"}:decision:" in key]
    found = []
    for start in range(0, len(keys), DECISIONS_PER_TRIP):
        some = keys[start : start + DECISIONS_PER_TRIP]
        contacts = store.execute_all(("GETRANGE", key, 8, 23) for key in some)
        found += [key for key, of in zip(some, contacts, strict=True) if of == contact]
    return found


def rewrite_append_only_file(store: Store) -> str:
    """Make the server rewrite its append-only file without what was erased; return its answer."""
    try:
        with store_errors():
            for server in primaries(store.redis):
                server.bgrewriteaof()
    except Exception as error:  # noqa: BLE001  # the erasure is done, whatever a managed server answers
        return f"the server does not rewrite it now ({error}); have its administrator run BGREWRITEAOF"
    return "is being rewritten"
