from datetime import timedelta

import pytest

from dog.errors import StoreUnavailable, Unauthenticated
from dog.services.operations import key_cache
from dog.services.operations.key_cache import MAX_AWAY_MS, KeyCache
from dog.storage.api_keys import create_key, list_keys, read_revocations, revoke_key
from dog.storage.connection import Redis
from tests.conftest import NOW

NOW_MS = round(NOW.timestamp() * 1000)


def away(*_: object) -> None:
    raise StoreUnavailable("Redis is away")


def test_a_revoked_key_is_refused_as_soon_as_the_counter_is_read(redis: Redis) -> None:
    key = create_key(redis, "shop", "crm", ("read",), None, NOW)
    cache = KeyCache()
    cache.authenticate_cached(redis, key, NOW_MS)
    cache.revalidate(redis, key, NOW_MS, read_revocations(redis, "shop"))
    revoke_key(redis, "shop", list_keys(redis, "shop")[0].key_id, NOW)

    with pytest.raises(Unauthenticated):
        cache.revalidate(redis, key, NOW_MS, read_revocations(redis, "shop"))


def test_a_key_that_was_valid_lately_counts_without_redis(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    key = create_key(redis, "shop", "crm", ("read",), None, NOW)
    cache = KeyCache()
    cache.authenticate(redis, key, NOW_MS)
    monkeypatch.setattr(key_cache, "authenticate", away)

    assert cache.authenticate_cached(redis, key, NOW_MS + MAX_AWAY_MS).tenant == "shop"
    with pytest.raises(StoreUnavailable):
        cache.authenticate_cached(redis, key, NOW_MS + MAX_AWAY_MS + 1)


def test_an_expired_key_does_not_count_without_redis(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    key = create_key(redis, "shop", "crm", ("read",), NOW + timedelta(minutes=1), NOW)
    cache = KeyCache()
    cache.authenticate(redis, key, NOW_MS)
    monkeypatch.setattr(key_cache, "authenticate", away)

    with pytest.raises(StoreUnavailable):
        cache.authenticate_cached(redis, key, NOW_MS + 120_000)
