"""Erase a contact: everything that identifies it, except the tombstone that refuses it from then on."""

from collections.abc import Iterable

from dog.core.iso_weeks import format_week
from dog.storage.catalogue import read_models
from dog.storage.connection import primaries, store_errors
from dog.storage.ids import clean_id, tombstone
from dog.storage.load_journal import CONTACTS, SCORES, TRANSACTIONS, journal_key
from dog.storage.load_records import list_loads
from dog.storage.multiplier_versions import ARRAYS, read_versions
from dog.storage.store import Store

ERASED = ("contact_erased", "the contact was erased, and no more of its data are accepted")
"""Code and message that refuse events and rows of an erased contact."""
LAP_WEEKS = 61


def find_erased(store: Store, contact_ids: Iterable[str]) -> set[str]:
    """Return the erased ones among some contacts."""
    digests = {contact_id: store.tenant.contact(clean_id(contact_id, "contact_id")) for contact_id in contact_ids}
    erased = find_erased_digests(store, digests.values())
    return {contact_id for contact_id, contact in digests.items() if contact in erased}


def find_erased_digests(store: Store, contacts: Iterable[bytes]) -> set[bytes]:
    """Return the erased ones among some contacts, given and returned by their digests."""
    by_partition = store.tenant.by_partition((contact, contact) for contact in contacts)
    flags = store.execute_all(
        (
            "SMISMEMBER",
            store.keys.partition(partition).of("erased"),
            *(tombstone(store.tenant.secret, contact) for contact in own),
        )
        for partition, own in by_partition.items()
    )
    return {
        contact
        for own, answers in zip(by_partition.values(), flags, strict=True)
        for contact, erased in zip(own, answers, strict=True)
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


def rewrite_append_only_file(store: Store) -> str:
    """Make the server rewrite its append-only file without what was erased; return its answer."""
    try:
        with store_errors():
            for server in primaries(store.redis):
                server.bgrewriteaof()
    except Exception as error:  # noqa: BLE001  # the erasure is done, whatever a managed server answers
        return f"the server does not rewrite it now ({error}); have its administrator run BGREWRITEAOF"
    return "is being rewritten"
