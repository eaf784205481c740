import pytest

from dog.storage.keys import REFERENCE, TenantKeys

KEYS = TenantKeys("shop")
CONTACT = bytes(range(16))


def test_keys_of_a_tenant_share_one_hash_tag_and_those_of_a_partition_another() -> None:
    assert KEYS.of("head") == b"dog:{shop}:head"
    assert KEYS.partition(7).of("laps", "2026-W47") == b"dog:{shop:7}:laps:2026-W47"


def test_all_ways_to_name_a_key_of_a_contact_give_the_same_key() -> None:
    partition = KEYS.partition(7)
    one = partition.contact("log", CONTACT)

    assert one == b"dog:{shop:7}:log:AAECAwQFBgcICQoLDA0ODw"
    assert partition.contacts("log", [CONTACT]) == partition.of_contact(CONTACT, "log") == [one]


@pytest.mark.parametrize("name", REFERENCE)
def test_every_pattern_begins_with_dog_and_every_key_has_a_bound_and_a_writer(name: str) -> None:
    pattern, kind, bound, writer = REFERENCE[name]

    assert pattern.startswith("dog:")
    assert kind in ("hash", "set", "string", "zset")
    assert all((bound, writer))
