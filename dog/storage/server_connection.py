"""Bytes to and from one Redis server: packed commands sent in one piece, answers parsed, connections used again.

redis-py opens each connection (URL, TLS, log-in, Sentinel, protocol version) and closes it. What is done in between is
done here: its ways to borrow a connection, to send and to read take more processor time than all else in a round trip.
"""

import os
import select
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any, Final
from weakref import WeakKeyDictionary

from hiredis import PushNotification, Reader, pack_command
from redis import exceptions
from redis.connection import DefaultParser

RECEIVED_BYTES = 65_536
INCOMPLETE: Final = object()
STRING, NUMBER, WORD, NOTHING, ERROR, MINUS = b"$:+_--"
"""What the answers that `parse_plain` reads begin with, and the length of one that is nothing in RESP 2."""


class ServerConnection:
    """An open connection, used by one thread at a time."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool
        self._connection = pool.get_connection()
        self._socket = self._connection._sock  # noqa: SLF001  # redis-py has no public way to it
        self._waiting = select.poll()
        self._waiting.register(self._socket, select.POLLIN)
        parser: Callable[..., Any] = Reader  # its stub lacks an argument
        self._parser = parser(replyError=DefaultParser.parse_error, notEnoughData=INCOMPLETE)

    def is_usable(self) -> bool:
        """Return whether the connection is open and nothing waits to be read."""
        return self._socket.fileno() >= 0 and not self._waiting.poll(0)

    def close(self) -> None:
        """Close the connection; after an error too, since unread answers would go to its next user."""
        self._connection.disconnect()
        self._pool.release(self._connection)

    def send(self, data: bytes) -> None:
        """Send packed commands."""
        try:
            self._socket.sendall(data)
        except TimeoutError:
            raise exceptions.TimeoutError("Timeout writing to socket") from None
        except OSError as error:
            raise exceptions.ConnectionError(f"Error while writing to socket: {error}") from None

    def receive(self, count: int) -> list[Any]:
        """Return the next answers; one that is an error is an exception of redis-py, not raised."""
        return self._parse(self._receive(), count)

    def receive_plain(self, count: int, known: "KnownAnswer | None" = None) -> list[Any]:
        """Return the next answers: all are strings or numbers, but for the first if that may be a known one."""
        data = self._receive()
        start = known.end_in(data) if known else 0
        if known and not start:
            return self._parse(data, count)
        first = [known.value] if known else []
        while (answers := parse_plain(data, start, count - len(first))) is None:
            data += self._receive()
        return first + answers

    def _receive(self) -> bytes:
        try:
            data: bytes = self._socket.recv(RECEIVED_BYTES)
        except TimeoutError:
            raise exceptions.TimeoutError("Timeout reading from socket") from None
        except OSError as error:
            raise exceptions.ConnectionError(f"Error while reading from socket: {error}") from None
        if not data:
            raise exceptions.ConnectionError("Connection closed by server.")
        return data

    def _parse(self, data: bytes, count: int) -> list[Any]:
        answers: list[Any] = []
        self._parser.feed(data)
        while len(answers) < count:
            answer = self._parser.gets()
            if answer is INCOMPLETE:
                self._parser.feed(self._receive())
            elif not isinstance(answer, PushNotification):  # no command asked for these
                answers.append(answer)
        return answers


class KnownAnswer:
    """An answer of HGETALL that is expected, recognised by its bytes instead of being parsed and compared."""

    def __init__(self, value: Mapping[bytes, bytes]) -> None:
        self.value = value
        words = [word for field in value.items() for word in field]
        packed = b"".join([b"$%d\r\n%b\r\n" % (len(word), word) for word in words])
        self._forms = (b"%%%d\r\n" % len(value) + packed, b"*%d\r\n" % len(words) + packed)  # in RESP 3 and 2

    def end_in(self, data: bytes) -> int:
        """Return how many bytes of the data are this answer: all of it or none."""
        for form in self._forms:
            if data.startswith(form):
                return len(form)
        return 0


def pack_template(commands: Iterable[tuple[bytes | str | int, ...]], *placeholders: bytes) -> bytes:
    """Pack commands once; the template is filled with `%`, each value as long as the placeholder in its place."""
    pack: Callable[..., bytes] = pack_command  # its stub knows one word only
    packed = b"".join(map(pack, commands)).replace(b"%", b"%%")
    for placeholder in placeholders:
        packed = packed.replace(placeholder, b"%b")
    return packed


def parse_plain(data: bytes, start: int, count: int) -> list[Any] | None:
    """Return answers that are strings, numbers, nothing or errors; None where the data ends before the last does.

    For a few answers this takes less time than hiredis, which moves what is left after each of them.
    """
    answers: list[Any] = []
    add, find = answers.append, data.find
    for _ in range(count):
        end = find(b"\r\n", start)
        if end < 0:
            return None
        kind, begin = data[start], end + 2
        if kind == STRING and data[start + 1] != MINUS:
            start = begin + int(data[start + 1 : end])
            add(data[begin:start])
            start += 2
            continue
        if kind == NUMBER:
            add(int(data[start + 1 : end]))
        else:
            add(None if kind == NOTHING else _line_value(kind, data[start + 1 : end]))
        start = begin
    return answers if start <= len(data) else None


def _line_value(kind: int, line: bytes) -> Any:
    """Return an answer of one line that is not a number."""
    if kind == WORD:
        return line
    if kind == ERROR:
        return DefaultParser.parse_error(line.decode())  # type: ignore[no-untyped-call]  # redis-py
    if kind == STRING:
        return None
    raise exceptions.InvalidResponse(f"Protocol error: an answer begins with {chr(kind)!r}")


class IdleConnections:
    """The open connections to one server that no thread uses; the one used last is used first."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool
        self._idle: deque[ServerConnection] = deque()

    def take(self) -> ServerConnection:
        """Return a connection, opened if there is none that can be used."""
        while self._idle:
            try:
                connection = self._idle.pop()
            except IndexError:  # another thread took it
                break
            if connection.is_usable():
                return connection
            connection.close()
        return ServerConnection(self._pool)

    def give_back(self, connection: ServerConnection) -> None:
        """Keep a connection, all of whose answers have been read, for its next user."""
        self._idle.append(connection)

    def close(self) -> None:
        """Close the idle connections."""
        while self._idle:
            with suppress(IndexError):
                self._idle.pop().close()


_idle_connections: WeakKeyDictionary[object, IdleConnections] = WeakKeyDictionary()
os.register_at_fork(after_in_child=_idle_connections.clear)  # a child must not use its parent's connections


def idle_connections(server: Any) -> IdleConnections:
    """Return the idle connections to a server, given redis-py's client of it."""
    found = _idle_connections.get(server)
    if found is None:
        found = _idle_connections.setdefault(server, IdleConnections(server.connection_pool))
    return found
