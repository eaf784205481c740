from dog.storage.audit_log import read_audit_entries, record_audit_entry
from dog.storage.connection import Redis


def test_the_newest_entry_comes_first_and_each_tenant_has_its_own(redis: Redis) -> None:
    record_audit_entry(redis, "shop", "key.create", "k1")
    record_audit_entry(redis, "shop", "key.revoke", "k1", reason="lost")
    record_audit_entry(redis, "other", "key.create", "k2")
    entries = [entry for _, entry in read_audit_entries(redis, "shop", 10)]

    assert [(entry["act"], entry["target"]) for entry in entries] == [("key.revoke", "k1"), ("key.create", "k1")]
    assert entries[0]["details"] == {"reason": "lost"}
