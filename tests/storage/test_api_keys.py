from datetime import timedelta

import pytest

from dog.errors import InvalidInput, NotFound, Unauthenticated
from dog.storage.api_keys import authenticate, create_key, list_keys, revoke_key
from dog.storage.connection import Redis
from tests.conftest import NOW


def test_a_key_opens_its_tenant_until_it_expires(redis: Redis) -> None:
    key = create_key(redis, "shop", "crm", ("read",), NOW + timedelta(days=1), NOW)

    assert authenticate(redis, key, NOW).tenant == "shop"
    with pytest.raises(Unauthenticated):
        authenticate(redis, key, NOW + timedelta(days=1))


def test_a_key_with_a_changed_character_opens_nothing(redis: Redis) -> None:
    key = create_key(redis, "shop", "crm", ("read",), None, NOW)

    with pytest.raises(Unauthenticated):
        authenticate(redis, key[:-1] + ("a" if key[-1] != "a" else "b"), NOW)


def test_the_key_itself_is_not_stored(redis: Redis) -> None:
    key = create_key(redis, "shop", "crm", ("read",), None, NOW)
    stored = repr(redis.hgetall("dog:keys"))

    assert "crm" in stored
    assert key.partition("_")[2].partition("_")[2] not in stored


def test_only_the_tenant_of_a_key_can_revoke_it(redis: Redis) -> None:
    key = create_key(redis, "shop", "crm", ("read",), None, NOW)
    key_id = list_keys(redis, "shop")[0].key_id

    with pytest.raises(NotFound):
        revoke_key(redis, "other", key_id, NOW)
    revoke_key(redis, "shop", key_id, NOW)
    with pytest.raises(Unauthenticated):
        authenticate(redis, key, NOW)


@pytest.mark.parametrize("scopes", [(), ("read", "write")])
def test_scopes_are_those_that_exist(redis: Redis, scopes: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInput):
        create_key(redis, "shop", "crm", scopes, None, NOW)
