"""Every kind of URL reaches a real server, waiting is bounded, and each foreign error becomes one of ours."""

import inspect
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from redis import exceptions
from redis.connection import SSLConnection

from dog.errors import InvalidSettings, StoreDamaged, StoreError, StoreRefused, StoreUnavailable
from dog.storage.connection import Redis, connect, store_errors
from dog.storage.durability import check_durability
from dog.storage.embedded import EmbeddedServer
from dog.storage.server_binary import find_binary

Server = Callable[..., AbstractContextManager[int]]


@pytest.fixture
def tcp_server(tmp_path: Path) -> Server:
    """Run a server on a port of its own, as an operator would."""

    @contextmanager
    def run(*arguments: str, name: str = "server") -> Iterator[int]:
        folder = tmp_path / name
        folder.mkdir()
        port = free_port()
        command = [str(find_binary()), *arguments, "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
        with (folder / "log").open("w") as log:
            process = subprocess.Popen(command, cwd=folder, stdout=log)
        try:
            with connect(f"redis://127.0.0.1:{port}") as probe:
                wait_until(lambda: succeeds(probe.ping))
            yield port
        finally:
            process.terminate()
            process.wait()

    return run


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port if port < 50_000 else port - 20_000  # a cluster's own port lies 10,000 above


def succeeds(call: Callable[[], Any]) -> bool:
    try:
        return bool(call())
    except exceptions.AuthenticationError:
        return True
    except (exceptions.RedisError, exceptions.RedisClusterException):
        return False


def wait_until(condition: Callable[[], bool], seconds: float = 10) -> None:
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up, "waited in vain"
        time.sleep(0.02)


def test_user_and_password_of_the_url_are_used(tcp_server: Server) -> None:
    with tcp_server("--requirepass", "s3cret/:@") as port:
        with connect(f"redis://:s3cret%2F%3A%40@127.0.0.1:{port}/3") as client:
            assert client.ping()
        with (
            connect(f"redis://127.0.0.1:{port}") as client,
            pytest.raises(StoreUnavailable, match="refuses the user or password of DOG_REDIS_URL"),
            store_errors(),
        ):
            client.get("key")


def test_a_cluster_takes_commands_and_says_it_is_one(tcp_server: Server) -> None:
    with tcp_server("--cluster-enabled", "yes", "--appendonly", "yes", "--appendfsync", "always") as port:
        with connect(f"redis://127.0.0.1:{port}") as plain:
            plain.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
            wait_until(lambda: succeeds(lambda: plain.set("any", "1")))

            with pytest.raises(StoreRefused, match=r"write redis\+cluster://"):
                check_durability(plain, "strict")

        with connect(f"redis+cluster://127.0.0.1:{port},127.0.0.1:1") as client:
            trip = client.pipeline(transaction=False)
            trip.execute_command("SET", "{a}:key", "1")
            trip.execute_command("EVAL", "return redis.call('GET', KEYS[1])", 1, "{a}:key")
            trip.execute_command("SET", "{b}:key", "2")

            assert trip.execute() == [True, b"1", True]
            assert check_durability(client, "strict").profile == "strict"


def test_a_cluster_that_is_away_is_unavailable_and_not_a_crash() -> None:
    with pytest.raises(StoreUnavailable):
        connect(f"redis+cluster://127.0.0.1:{free_port()}")


def test_sentinels_lead_to_the_primary(tcp_server: Server, tmp_path: Path) -> None:
    with tcp_server(name="primary") as primary:
        config = tmp_path / "sentinel.conf"
        config.write_text(f"sentinel monitor dog 127.0.0.1 {primary} 1\n")
        with tcp_server(str(config), "--sentinel", name="sentinel") as sentinel:
            with connect(f"redis+sentinel://127.0.0.1:1,127.0.0.1:{sentinel}/dog/2") as client:
                client.set("key", "1")
            with connect(f"redis://127.0.0.1:{primary}/2") as direct:
                assert direct.get("key") == b"1"
            with (
                connect(f"redis+sentinel://127.0.0.1:{sentinel}/cat") as client,
                pytest.raises(StoreUnavailable, match="cat"),
                store_errors(),
            ):
                client.get("key")


def test_tls_is_given_time_for_its_handshake() -> None:
    with connect("rediss://example.invalid:6380?ssl_cert_reqs=required") as client:
        pool = client.connection_pool

    assert pool.connection_class is SSLConnection
    assert pool.connection_kwargs["socket_connect_timeout"] == 2.0


@pytest.mark.parametrize(
    "url",
    [
        "redis+sentinel://127.0.0.1:26379",
        "redis+cluster://127.0.0.1:many",
        "redis://127.0.0.1/0?socket_timeout=soon",
        "http://127.0.0.1",
    ],
)
def test_a_url_that_cannot_be_read_is_a_bad_setting(url: str) -> None:
    with pytest.raises(InvalidSettings, match="DOG_REDIS_URL cannot be read"):
        connect(url)


def test_a_server_that_is_away_is_told_without_waiting_for_the_time_allowed() -> None:
    began = time.monotonic()
    with (
        connect(f"redis://127.0.0.1:{free_port()}", timeout_seconds=60) as client,
        pytest.raises(StoreUnavailable),
        store_errors(),
    ):
        client.get("key")

    assert time.monotonic() - began < 60


def test_a_hung_server_is_asked_once(tmp_path: Path) -> None:
    server = EmbeddedServer(tmp_path, "everysec")
    server.start()
    with connect(server.url, timeout_seconds=1) as client:
        process = int(client.info("server")["process_id"])
        os.kill(process, signal.SIGSTOP)
        began = time.monotonic()
        try:
            with pytest.raises(StoreUnavailable, match="Timeout"), store_errors():
                client.get("key")
            waited = time.monotonic() - began
        finally:
            os.kill(process, signal.SIGCONT)
    server.stop()

    assert waited < 10  # redis-py would ask ten times more


def test_a_write_whose_answer_was_late_is_not_sent_again(redis: Redis, redis_server: EmbeddedServer) -> None:
    process = int(redis.info("server")["process_id"])
    with connect(redis_server.url, timeout_seconds=0.1) as hasty:
        hasty.ping()
        os.kill(process, signal.SIGSTOP)
        try:
            with pytest.raises(StoreUnavailable), store_errors():
                hasty.incr("count")
        finally:
            os.kill(process, signal.SIGCONT)

    assert redis.get("count") == b"1"


FOREIGN = [
    kind
    for _, kind in inspect.getmembers(exceptions, inspect.isclass)
    if issubclass(kind, exceptions.RedisError | exceptions.RedisClusterException)
]


@pytest.mark.parametrize("kind", [kind for kind in FOREIGN if kind is not exceptions.NoScriptError])
def test_no_error_of_the_library_comes_through(kind: type[Exception]) -> None:
    with pytest.raises(StoreError), store_errors():
        raise kind.__new__(kind, "says")


def test_a_missing_script_is_left_to_the_round_trip(redis: Redis) -> None:
    with pytest.raises(exceptions.NoScriptError), store_errors():
        redis.evalsha("0" * 40, 0)


def test_a_full_server_is_unavailable_with_a_code_of_its_own(redis: Redis) -> None:
    redis.config_set("maxmemory", 1)
    try:
        with pytest.raises(StoreUnavailable, match="raise its maxmemory") as raised, store_errors():
            redis.set("key", "1")
    finally:
        redis.config_set("maxmemory", 0)

    assert raised.value.code == "store_full"


def test_a_primary_that_waits_for_its_replica_is_unavailable(redis: Redis) -> None:
    redis.config_set("min-replicas-to-write", 1)
    try:
        with pytest.raises(StoreUnavailable, match="NOREPLICAS"), store_errors():
            redis.set("key", "1")
    finally:
        redis.config_set("min-replicas-to-write", 0)


def test_a_key_of_another_type_is_damage(redis: Redis) -> None:
    redis.set("key", "1")
    with pytest.raises(StoreDamaged, match="WRONGTYPE"), store_errors():
        redis.rpush("key", "2")
