"""Servers that would lose feedback are refused with one line that says what to change."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dog.errors import StoreRefused
from dog.storage.connection import Redis, connect
from dog.storage.durability import Durability, _confirmations_of, _refuse_unusable, check_durability
from dog.storage.embedded import EmbeddedServer
from dog.storage.round_trip import IN_MEMORY, ON_DISK

STRICT = {
    "appendonly": "yes",
    "appendfsync": "always",
    "maxmemory-policy": "noeviction",
    "min-replicas-to-write": "0",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServer]:
    server = EmbeddedServer(tmp_path_factory.mktemp("durable"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def strict(server: EmbeddedServer) -> Iterator[Redis]:
    """A server whose settings the test may change."""
    with connect(server.url, timeout_seconds=5) as client:
        yield client
        for name, value in STRICT.items():
            client.config_set(name, value)


def test_the_embedded_server_is_strict(strict: Redis) -> None:
    assert check_durability(strict, "strict") == Durability("strict")


def test_no_more_is_promised_than_is_wanted(strict: Redis) -> None:
    assert check_durability(strict, "standard") == Durability("standard")
    assert check_durability(strict, "volatile") == Durability("volatile")


def test_a_server_that_syncs_every_second_is_called_standard_and_says_why(strict: Redis) -> None:
    strict.config_set("appendfsync", "everysec")

    found = check_durability(strict, "strict")

    assert found.profile == "standard"
    assert str(found.shortfall).endswith("(appendfsync everysec); set appendfsync always")


@pytest.mark.parametrize("policy", ["allkeys-lru", "allkeys-random", "volatile-ttl"])
def test_a_server_that_evicts_is_refused(strict: Redis, policy: str) -> None:
    strict.config_set("maxmemory-policy", policy)

    with pytest.raises(StoreRefused, match=rf"{policy}\); set maxmemory-policy noeviction, or DOG_DURABILITY"):
        check_durability(strict, "standard")


def test_a_server_that_does_not_persist_is_refused(strict: Redis) -> None:
    strict.config_set("appendonly", "no")

    with pytest.raises(StoreRefused, match="set appendonly yes, or DOG_DURABILITY=volatile"):
        check_durability(strict, "strict")


def test_both_are_taken_where_no_promise_is_wanted(strict: Redis) -> None:
    strict.config_set("appendonly", "no")
    strict.config_set("maxmemory-policy", "allkeys-lru")

    assert check_durability(strict, "volatile") == Durability("volatile")


def test_ha_is_refused_without_a_replica_that_writes_wait_for(strict: Redis) -> None:
    with pytest.raises(StoreRefused, match="set min-replicas-to-write 1, or DOG_DURABILITY=strict"):
        check_durability(strict, "ha")


def test_ha_is_a_strict_server_that_refuses_writes_without_a_replica(strict: Redis) -> None:
    strict.config_set("min-replicas-to-write", "1")

    assert check_durability(strict, "ha") == Durability("ha", confirmations=(IN_MEMORY, ON_DISK))


def test_a_server_before_7_2_has_no_command_that_waits_for_a_replicas_disk() -> None:
    assert [_confirmations_of([{"redis_version": version}]) for version in ("7.0.15", "7.2.4", "8.1.0")] == [
        (IN_MEMORY,),
        (IN_MEMORY, ON_DISK),
        (IN_MEMORY, ON_DISK),
    ]


def test_where_config_is_forbidden_a_second_may_be_lost_for_all_we_know(strict: Redis, server: EmbeddedServer) -> None:
    strict.acl_setuser("app", enabled=True, passwords=["+secret"], keys=["*"], commands=["+@all", "-config"])
    with connect(server.url.replace("unix://", "unix://app:secret@")) as client:
        found = check_durability(client, "strict")

    assert found.profile == "standard"
    assert "CONFIG is forbidden" in str(found.shortfall)


def test_a_replica_is_refused(strict: Redis) -> None:
    strict.replicaof("127.0.0.1", 1)
    try:
        with pytest.raises(StoreRefused, match="replica and takes no writes; name the primary"):
            check_durability(strict, "volatile")
    finally:
        strict.replicaof("NO", "ONE")


def test_a_strict_server_keeps_its_promise_over_a_restart(tmp_path: Path) -> None:
    profiles = []
    for _ in range(2):
        server = EmbeddedServer(tmp_path)
        server.start()
        with connect(server.url) as client:
            profiles.append(check_durability(client, "strict").profile)
        server.stop()

    assert profiles == ["strict", "strict"]


def test_a_server_too_old_is_refused() -> None:
    with pytest.raises(StoreRefused, match=r"Redis 6\.2\.14 is too old; DOG needs 7\.0 or later"):
        _refuse_unusable({"redis_version": "6.2.14"}, is_cluster=False)
