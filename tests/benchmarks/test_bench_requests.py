import socket

import orjson
import pytest

from benchmarks.bench_requests import read_answer, request_bytes

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nlists"


def test_a_request_carries_the_key_and_as_many_bytes_as_it_announces() -> None:
    head, _, body = request_bytes("secret", {"contact_id": "Zoë", "k": 10}).partition(b"\r\n\r\n")

    assert orjson.loads(body) == {"contact_id": "Zoë", "k": 10}
    assert head.startswith(b"POST /v1/recommendations HTTP/1.1\r\n")
    assert b"Authorization: Bearer secret" in head
    assert head.endswith(f"Content-Length: {len(body)}".encode())


@pytest.mark.parametrize("first_bytes", range(1, len(ANSWER)))
def test_an_answer_is_read_whole_wherever_it_was_split(first_bytes: int) -> None:
    ours, theirs = socket.socketpair(type=socket.SOCK_SEQPACKET)  # what is sent separately is received separately
    with ours, theirs:
        theirs.sendall(ANSWER[:first_bytes])
        theirs.sendall(ANSWER[first_bytes:])

        assert read_answer(ours) == b"lists"


def test_a_closed_connection_is_an_error_instead_of_an_endless_wait() -> None:
    ours, theirs = socket.socketpair()
    with ours:
        theirs.sendall(ANSWER[:-1])
        theirs.close()

        with pytest.raises(ConnectionError):
            read_answer(ours)


def test_an_answer_other_than_200_is_an_error() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(ANSWER.replace(b"200 OK", b"503 No"))

        with pytest.raises(AssertionError):
            read_answer(ours)
