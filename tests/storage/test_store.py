from typing import Any

import pytest

from dog.errors import InvalidInput, NotFound
from dog.storage.connection import Redis
from dog.storage.keys import TENANTS, TenantKeys
from dog.storage.schema import SCHEMA
from dog.storage.store import PARTITIONS, Tenant, ensure_tenant, find_tenant, tenant_names

TENANT = Tenant("shop", bytes(32), PARTITIONS)


def test_a_contact_has_one_partition_however_it_is_computed() -> None:
    digests = TENANT.contacts(["c1", "c2", "c3"])

    assert digests == [TENANT.contact(contact) for contact in ("c1", "c2", "c3")]
    assert TENANT.partition_numbers(digests) == [TENANT.partition_number(digest) for digest in digests]


def test_a_draw_is_the_same_each_time_and_lies_in_the_unit_interval() -> None:
    draws = [TENANT.draw(f"contact {number}") for number in range(200)]

    assert draws == [TENANT.draw(f"contact {number}") for number in range(200)]
    assert 0 <= min(draws) < 0.1
    assert 0.9 < max(draws) <= 1


def test_two_tenants_hash_the_same_contact_differently(redis: Redis) -> None:
    one, other = ensure_tenant(redis, "one"), ensure_tenant(redis, "other")

    assert one.contact("c1") != other.contact("c1")
    assert sorted(tenant_names(redis)) == ["one", "other"]
    assert ensure_tenant(redis, "one") == find_tenant(redis, "one") == one


def test_a_tenant_that_is_being_created_has_its_schema_before_others_find_it(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    execute: Any = type(redis).execute_command
    seen: list[bytes] = []

    def observed(client: Redis, *arguments: Any, **options: Any) -> Any:
        answer = execute(client, *arguments, **options)
        if execute(redis, "HEXISTS", TENANTS, "one"):
            seen.append(execute(redis, "HGET", TenantKeys("one").of("head"), "schema"))
        return answer

    monkeypatch.setattr(type(redis), "execute_command", observed)
    ensure_tenant(redis, "one")

    assert seen
    assert set(seen) == {b"%d" % SCHEMA}


def test_an_unknown_tenant_is_not_found_and_a_bad_name_is_refused(redis: Redis) -> None:
    with pytest.raises(NotFound):
        find_tenant(redis, "nobody")
    with pytest.raises(InvalidInput):
        ensure_tenant(redis, "a:b")
