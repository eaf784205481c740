from dog.storage.contacts import ensure_contacts, read_records
from dog.storage.erasure import erase_contact, find_erased, write_tombstone
from dog.storage.store import Store


def test_a_tombstone_names_the_contact_without_its_id(store: Store) -> None:
    write_tombstone(store, store.tenant.contact("c1"))
    stored = [member for key in store.redis.scan_iter("*erased") for member in store.redis.smembers(key)]

    assert find_erased(store, ["c1", "c2"]) == {"c1"}
    assert len(stored) == 1
    assert store.tenant.contact("c1") not in stored


def test_only_the_contact_itself_is_deleted(store: Store) -> None:
    ensure_contacts(store, {contact: store.tenant.contact(contact) for contact in ("c1", "c2")})
    deleted = erase_contact(store, store.tenant.contact("c1"), 2960)

    assert deleted >= 1
    assert list(read_records(store, ["c1", "c2"])) == ["c2"]
