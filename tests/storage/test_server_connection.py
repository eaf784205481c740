"""Answers are parsed as hiredis parses them, connections are used again, and none is used after its end."""

from typing import Any

import hiredis
import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis import exceptions

from dog.storage.connection import Redis, connect
from dog.storage.embedded import EmbeddedServer
from dog.storage.server_connection import KnownAnswer, idle_connections, parse_plain

PLAIN = st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1), st.binary(max_size=40))


def packed(value: Any, nothing: bytes) -> bytes:
    if value is None:
        return nothing
    return b":%d\r\n" % value if isinstance(value, int) else b"$%d\r\n%b\r\n" % (len(value), value)


@given(st.lists(PLAIN, max_size=8), st.sampled_from([b"_\r\n", b"$-1\r\n"]), st.data())
def test_plain_answers_are_those_of_hiredis_and_whole_or_none(values: list[Any], nothing: bytes, data: Any) -> None:
    answers = b"".join(packed(value, nothing) for value in values)
    parser = hiredis.Reader()
    parser.feed(answers)
    cut = data.draw(st.integers(0, max(0, len(answers) - 1)))

    assert parse_plain(answers, 0, len(values)) == [parser.gets() for _ in values] == values
    assert not values or parse_plain(answers[:cut], 0, len(values)) is None


def test_an_error_among_plain_answers_is_one_of_redis_py() -> None:
    [number, error] = parse_plain(b":1\r\n-NOPERM no right\r\n", 0, 2) or []

    assert number == 1
    assert isinstance(error, exceptions.NoPermissionError)


@pytest.mark.parametrize("protocol", [2, 3])
def test_a_hash_is_known_by_its_bytes_until_it_changes(redis_server: EmbeddedServer, protocol: int) -> None:
    with connect(f"{redis_server.url}?protocol={protocol}") as redis:
        redis.hset("head", mapping={"a": "1", "b": "\r\n"})
        known, found = KnownAnswer({b"a": b"1", b"b": b"\r\n"}), []
        for value in ("1", "2"):
            redis.hset("head", "a", value)
            connection = idle_connections(redis).take()
            connection.send(b"*2\r\n$7\r\nHGETALL\r\n$4\r\nhead\r\n*2\r\n$3\r\nGET\r\n$1\r\nx\r\n")
            found.append(connection.receive_plain(2, known))
            idle_connections(redis).give_back(connection)

    assert found[0] == [known.value, None]
    assert found[0][0] is known.value
    assert found[1][0] in ({b"a": b"2", b"b": b"\r\n"}, [b"a", b"2", b"b", b"\r\n"])


def test_a_connection_is_used_again_unless_the_server_has_closed_it(redis: Redis) -> None:
    idle = idle_connections(redis)
    first = idle.take()
    idle.give_back(first)
    again = idle.take()
    idle.give_back(again)
    redis.client_kill_filter(_type="normal", skipme=True)
    other = idle.take()
    other.send(b"*1\r\n$4\r\nPING\r\n")

    assert again is first
    assert other is not first
    assert other.receive(1) == [b"PONG"]
    other.close()


def test_a_connection_whose_client_was_closed_is_not_used_again(redis_server: EmbeddedServer) -> None:
    client = connect(redis_server.url)
    idle = idle_connections(client)
    idle.give_back(idle.take())
    client.close()
    connection = idle.take()

    assert connection.is_usable()
    connection.close()
    client.close()


def test_an_answer_that_does_not_come_ends_in_a_timeout(redis_server: EmbeddedServer) -> None:
    with connect(redis_server.url, timeout_seconds=0.5) as client:
        connection = idle_connections(client).take()
        with pytest.raises(exceptions.TimeoutError):
            connection.receive(1)
        connection.close()
