"""Commands and scripts sent to Redis together in one round trip."""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cache
from hashlib import sha1
from importlib import resources
from typing import Any

from hiredis import pack_command
from redis import exceptions

from dog.errors import StoreUnavailable
from dog.storage.breaker import TIMEOUT_WEIGHT, breaker_of
from dog.storage.connection import Redis, group_by_server, is_cluster, primaries, reconnect, store_errors

REPLICA_MILLISECONDS = 200
"""How long a replica may take to confirm a write."""

# The node did not execute the command: another node has the key, or will have it soon.
MOVED = (exceptions.MovedError, exceptions.AskError, exceptions.TryAgainError)
NO_ANSWER = (exceptions.ConnectionError, exceptions.TimeoutError)
"""Errors that open the breaker. A server that refuses (full, read-only) answers at once."""

Argument = bytes | str | int | float
Command = tuple[Argument, ...]


SHARED = re.compile(rb"^-- shared: (\w+)$", re.MULTILINE)
"""The line by which a script names a file of functions that it shares with others."""


@cache
def _source(name: str) -> bytes:
    source = resources.files("dog.storage").joinpath("scripts", f"{name}.lua").read_bytes()
    return b"".join(_source(shared.decode()) for shared in SHARED.findall(source)) + source


@cache
def _sha(name: str) -> str:
    return sha1(_source(name), usedforsecurity=False).hexdigest()


class RoundTrip:
    """Commands sent in one round trip to each server; no transaction, but each script is atomic.

    A command is sent again only if its answer says that it was not executed: the server lacks the script, or the key
    moved to another node. A lost answer does not say whether the command was executed, so it is an error.
    """

    def __init__(self, redis: Redis, replicas: int = 0) -> None:
        self._redis = redis
        self._replicas = replicas
        self._commands: list[Command] = []
        self._scripts: set[str] = set()

    def add(self, *command: Argument) -> int:
        """Add a command and return the index of its answer."""
        self._commands.append(command)
        return len(self._commands) - 1

    def script(self, name: str, keys: Sequence[bytes], arguments: Sequence[Argument]) -> int:
        """Add a call of `scripts/NAME.lua`, whose keys must all belong to one partition."""
        self._scripts.add(name)
        return self.add("EVALSHA", _sha(name), len(keys), *keys, *arguments)

    def send(self, *, replicated: bool = False, coming: Iterable[None] = ()) -> list[Any]:
        """Send all commands and return their answers in order.

        With `replicated`, wait until `replicas` replicas have everything. Each step of `coming` adds more commands,
        which are sent while the next step runs. Raise `StoreUnavailable` if Redis is away, hung, loading or full, or
        (code `not_replicated`) too few replicas confirm; some of the commands may have been executed.
        """
        if not self._commands and not coming:
            return []
        replicas = self._replicas if replicated else 0
        breaker = breaker_of(self._redis)
        if breaker is None:
            return self._attempt(replicas, coming)
        breaker.check()
        try:
            answers = self._attempt(replicas, coming)
        except StoreUnavailable as error:
            if isinstance(error.__cause__, NO_ANSWER):
                breaker.failed(TIMEOUT_WEIGHT if isinstance(error.__cause__, exceptions.TimeoutError) else 1)
            raise
        breaker.succeeded()
        return answers

    def _attempt(self, replicas: int, coming: Iterable[None]) -> list[Any]:
        with store_errors():
            try:
                return self._send(replicas, coming)
            except (*NO_ANSWER, *MOVED, exceptions.ReadOnlyError):
                with suppress(exceptions.RedisError, exceptions.RedisClusterException):
                    reconnect(self._redis)  # for the next round trip; this one fails
                raise

    def _send(self, replicas: int, coming: Iterable[None]) -> list[Any]:
        if coming and not is_cluster(self._redis):
            answers = _exchange(self._redis, self._parts(coming, replicas))
            if replicas:
                _check_replicated(answers.pop(-2), answers.pop(), replicas)
        else:
            for _ in coming:  # a cluster needs all commands, to sort them by node
                pass
            answers = [None] * len(self._commands)
            self._execute(range(len(self._commands)), answers, replicas)
        unknown = [index for index, answer in enumerate(answers) if isinstance(answer, exceptions.NoScriptError)]
        if unknown:
            for server in primaries(self._redis):
                for name in self._scripts:
                    server.script_load(_source(name))
            self._execute(unknown, answers, replicas)
        moved = [index for index, answer in enumerate(answers) if isinstance(answer, MOVED)]
        if moved:
            reconnect(self._redis)
            self._execute(moved, answers, replicas)
        for answer in answers:
            if isinstance(answer, Exception):
                raise answer
        return answers

    def _parts(self, coming: Iterable[None], replicas: int) -> Iterator[list[Command]]:
        """Yield the commands added before each step, and at last those of the end with the confirmation."""
        sent = 0
        for _ in coming:
            yield self._commands[sent:]
            sent = len(self._commands)
        yield self._commands[sent:] + _confirmation(self._commands, replicas)

    def _execute(self, indices: Sequence[int], answers: list[Any], replicas: int) -> None:
        """Send the commands at some indices, each to the server of its keys, and store the answers there."""
        confirmations: list[tuple[Any, Any]] = []
        for server, own in group_by_server(self._redis, self._commands, indices):
            commands = [self._commands[index] for index in own]
            found = _exchange(server, [commands + _confirmation(commands, replicas)])
            if replicas:
                confirmations.append((found[-2], found[-1]))
            for index, answer in zip(own, found, strict=False):
                answers[index] = answer
        for written, count in confirmations:
            _check_replicated(written, count, replicas)


def execute(redis: Redis, *command: Argument) -> Any:
    """Send one command and return its answer."""
    trip = RoundTrip(redis)
    trip.add(*command)
    return trip.send()[0]


def _exchange(server: Redis, parts: Iterable[Sequence[Command]]) -> list[Any]:
    """Send commands over one connection and return an answer, or the error answered, for each.

    `Redis.pipeline(transaction=False)` would do the same for commands that are all known before, with retries that we
    turn off, but costs 40 to 60 microseconds more of processor time a call: 4 % of a request for a list. Nor can it
    send the first commands while the next are still being packed, which bulk feedback does: each part is sent before
    the next is asked for, and all before the first answer is read. Only public methods of redis-py are used.
    """
    pool = server.connection_pool
    connection: Any = pool.get_connection()
    sent: list[Command] = []
    answers: list[Any] = []
    try:
        for commands in parts:
            connection.send_packed_command([b"".join(map(pack_command, commands))])  # type: ignore[arg-type]  # its stub: one word
            sent += commands
        for command in sent:
            try:
                answers.append(server.parse_response(connection, command[0]))  # type: ignore[no-untyped-call]  # redis-py
            except exceptions.ResponseError as error:
                answers.append(error)
    except BaseException:
        connection.disconnect()  # unread answers would go to the next user of the connection
        raise
    finally:
        pool.release(connection)
    return answers


def _confirmation(commands: Sequence[Command], replicas: int) -> list[Command]:
    """Return the commands that ask how many replicas have everything; none without replicas."""
    if not replicas:
        return []
    # WAIT covers the writes of its own connection only. After a repeated event, which writes nothing, it would
    # confirm nothing; a write without meaning makes it cover everything before.
    return [("SET", _confirmed_key(commands[0]), b""), ("WAIT", replicas, REPLICA_MILLISECONDS)]


def _confirmed_key(command: tuple[Any, ...]) -> bytes:
    """Return the key written before WAIT, in the partition of the command."""
    key: bytes = command[3] if command[0] == "EVALSHA" else command[1]
    return key[: key.index(b"}") + 1] + b":confirmed"


def _check_replicated(written: Any, count: Any, replicas: int) -> None:
    for answer in (written, count):
        if isinstance(answer, Exception):
            raise answer
    if count < replicas:
        raise StoreUnavailable(
            f"Redis: {count} of {replicas} replicas confirmed within {REPLICA_MILLISECONDS} ms; "
            "send the same again, it counts once",
            code="not_replicated",
        )
