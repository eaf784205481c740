"""Commands and scripts sent to Redis together in one round trip."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from hashlib import sha1
from importlib import resources
from itertools import islice
from typing import Any, NamedTuple

from hiredis import pack_command
from redis import exceptions

from dog.errors import StoreUnavailable
from dog.storage.breaker import TIMEOUT_WEIGHT, breaker_of
from dog.storage.connection import Redis, group_by_server, is_cluster, primaries, raise_ours, reconnect
from dog.storage.server_connection import KnownAnswer, idle_connections

REPLICA_MILLISECONDS = 200
"""How long a replica may take to confirm a write."""

MOST_REPEATS = 3
"""A server without the script is sent it; the node that a key moved to may lack it, too, as a promoted replica does."""

Argument = bytes | str | int | float
Command = tuple[Argument, ...]

IN_MEMORY: Command = ("WAIT", 1, REPLICA_MILLISECONDS)
ON_DISK: Command = ("WAITAOF", 1, 1, REPLICA_MILLISECONDS)
"""Wait until a replica has everything; until it has synced that to its disk.

A replica reports what it has synced with its next answer, or once a second: `ON_DISK` alone takes a second, after
`IN_MEMORY`, which made the replica answer, a millisecond.
"""

# The node did not execute the command: another node has the key, or will have it soon.
MOVED = (exceptions.MovedError, exceptions.AskError, exceptions.TryAgainError)
NO_ANSWER = (exceptions.ConnectionError, exceptions.TimeoutError)
"""Errors that open the breaker. A server that refuses (full, read-only) answers at once."""

SHARED = re.compile(rb"^-- shared: (\w+)$", re.MULTILINE)
"""The line by which a script names a file of functions that it shares with others."""


@cache
def _source(name: str) -> bytes:
    source = resources.files("dog.storage").joinpath("scripts", f"{name}.lua").read_bytes()
    return b"".join(_source(shared.decode()) for shared in SHARED.findall(source)) + source


@cache
def _sha(name: str) -> str:
    return sha1(_source(name), usedforsecurity=False).hexdigest()


class _Packed(NamedTuple):
    """Commands packed together, nearly always one; their keys belong to one partition."""

    command: Command  # the first of them
    data: bytes
    answers: int = 1
    is_plain: bool = False  # whether all answers are strings or numbers, but for one that is known
    known: KnownAnswer | None = None


class RoundTrip:
    """Commands sent in one round trip to each server; no transaction, but each script is atomic.

    A command is sent again only if its answer says that it was not executed: the server lacks the script, or the key
    moved to another node. A lost answer does not say whether the command was executed, so it is an error.
    """

    def __init__(self, redis: Redis, confirmations: Sequence[Command] = ()) -> None:
        self._redis = redis
        self._confirmations = confirmations
        self._calls: list[_Packed] = []
        self._scripts: set[str] = set()
        self._in_parts = False

    @property
    def commands(self) -> list[Command]:
        """The commands added so far; of those packed together the first."""
        return [call.command for call in self._calls]

    def add(self, *command: Argument) -> int:
        """Add a command and return the index of its answer."""
        self._calls.append(_Packed(command, pack_command(command)))  # type: ignore[arg-type]  # its stub: one word
        return len(self._calls) - 1

    def script(self, name: str, keys: Sequence[bytes], arguments: Sequence[Argument]) -> int:
        """Add a call of `scripts/NAME.lua`, whose keys must all belong to one partition."""
        self._scripts.add(name)
        return self.add("EVALSHA", _sha(name), len(keys), *keys, *arguments)

    def add_known(self, data: bytes, known: KnownAnswer, *command: Argument) -> None:
        """Add a packed command whose answer is probably known; as the first."""
        self._calls.append(_Packed(command, data, 1, True, known))

    def add_packed(self, key: bytes, data: bytes, answers: int = 1) -> None:
        """Add packed commands of the partition of a key whose answers are strings or numbers.

        Several have one answer, a list. A cluster may get them twice, so that there they must be harmless.
        """
        self._calls.append(_Packed(("GET", key), data, answers, True))

    def send(self, *, replicated: bool = False, in_parts: bool = False, coming: Iterable[None] = ()) -> list[Any]:
        """Send all commands and return their answers in order.

        With `replicated`, wait for the confirmations of a replica. Each step of `coming` adds more commands,
        which are sent while the next step runs. With `in_parts`, the answer of a command that a full server has
        refused is None, if it has executed another. Raise `StoreUnavailable` if Redis is away, hung, loading or full,
        or (code `not_replicated`) no replica confirms; some of the commands may have been executed.
        """
        if not self._calls and not coming:
            return []
        confirmations, self._in_parts = self._confirmations if replicated else (), in_parts
        breaker = breaker_of(self._redis)
        if breaker is None:
            return self._attempt(confirmations, coming)
        breaker.check()
        try:
            answers = self._attempt(confirmations, coming)
        except StoreUnavailable as error:
            if isinstance(error.__cause__, NO_ANSWER):
                breaker.failed(TIMEOUT_WEIGHT if isinstance(error.__cause__, exceptions.TimeoutError) else 1)
            raise
        breaker.succeeded()
        return answers

    def _attempt(self, confirmations: Sequence[Command], coming: Iterable[None]) -> list[Any]:
        try:
            return self._send(confirmations, coming)
        except (*NO_ANSWER, *MOVED, exceptions.ReadOnlyError) as error:
            with suppress(exceptions.RedisError, exceptions.RedisClusterException):
                reconnect(self._redis)  # for the next round trip; this one fails
            raise_ours(error)
        except (exceptions.RedisError, exceptions.RedisClusterException) as error:
            raise_ours(error)

    def _send(self, confirmations: Sequence[Command], coming: Iterable[None]) -> list[Any]:
        if is_cluster(self._redis):
            for _ in coming:  # a cluster needs all commands, to sort them by node
                pass
            answers = [None] * len(self._calls)
            self._execute(range(len(self._calls)), answers, confirmations)
        else:
            found = _exchange(self._redis, self._parts(coming, confirmations))
            answers, confirmed = found[: len(self._calls)], found[len(self._calls) :]
            _check_replicated(confirmed)
        if _places_of(Exception, answers):
            self._repeat(answers, confirmations)
        return answers

    def _repeat(self, answers: list[Any], confirmations: Sequence[Command]) -> None:
        """Send again what was not executed, and raise what was refused."""
        for _ in range(MOST_REPEATS):
            if moved := _places_of(MOVED, answers):
                reconnect(self._redis)
                self._execute(moved, answers, confirmations)
            elif unknown := _places_of(exceptions.NoScriptError, answers):
                self._load_scripts()
                self._execute(unknown, answers, confirmations)
        full = _places_of(exceptions.OutOfMemoryError, answers)
        if self._in_parts and len(full) < len(answers):
            for place in full:
                answers[place] = None
        for place in _places_of(Exception, answers):
            raise answers[place]

    def _load_scripts(self) -> None:
        for server in primaries(self._redis):
            for name in self._scripts:
                server.script_load(_source(name))

    def _parts(self, coming: Iterable[None], confirmations: Sequence[Command]) -> Iterator[list[_Packed]]:
        """Yield the calls added before each step, and at last those of the end with the confirmations."""
        sent = 0
        for _ in coming:
            yield self._calls[sent:]
            sent = len(self._calls)
        yield self._calls[sent:] + _confirming(self._calls, confirmations)

    def _execute(self, places: Sequence[int], answers: list[Any], confirmations: Sequence[Command]) -> None:
        """Send the calls at some places, each to the server of its keys, and store the answers there."""
        confirmed: list[Any] = []
        for server, own in group_by_server(self._redis, self.commands, places):
            calls = [self._calls[place] for place in own]
            found = _exchange(server, [calls + _confirming(calls, confirmations)])
            confirmed += found[len(calls) :]
            for place, answer in zip(own, found, strict=False):
                answers[place] = answer
        _check_replicated(confirmed)


def execute(redis: Redis, *command: Argument) -> Any:
    """Send one command and return its answer."""
    trip = RoundTrip(redis)
    trip.add(*command)
    return trip.send()[0]


def _exchange(server: Redis, parts: Iterable[Sequence[_Packed]]) -> list[Any]:
    """Send calls over one connection and return an answer, or the error answered, for each.

    Each part is sent before the next is asked for, and all before the first answer is read: bulk feedback is packed
    while Redis works on what came before.
    """
    idle = idle_connections(server)
    connection = idle.take()
    calls: list[_Packed] = []
    try:
        for part in parts:
            connection.send(b"".join([call.data for call in part]))
            calls += part
        count = sum([call.answers for call in calls])
        if calls and all(call.is_plain for call in calls):
            answers = connection.receive_plain(count, calls[0].known)
        else:
            answers = connection.receive(count) if calls else []
    except BaseException:
        connection.close()  # unread answers would go to its next user
        raise
    idle.give_back(connection)
    callbacks, found = server.response_callbacks, iter(answers)
    return [_answer_of(call, found, callbacks) for call in calls]


def _answer_of(call: _Packed, answers: Iterator[Any], callbacks: Mapping[Any, Callable[[Any], Any]]) -> Any:
    """Return the answer of a call in the form that redis-py gives it."""
    if call.answers > 1:
        several = list(islice(answers, call.answers))
        return next((answer for answer in several if isinstance(answer, Exception)), several)
    answer, name = next(answers), call.command[0]
    if name == "EVALSHA" or call.known or isinstance(answer, Exception) or name not in callbacks:
        return answer
    return callbacks[name](answer)


def _places_of(kind: type[Exception] | tuple[type[Exception], ...], answers: Sequence[Any]) -> list[int]:
    return [place for place, answer in enumerate(answers) if isinstance(answer, kind)]


def _confirming(calls: Sequence[_Packed], confirmations: Sequence[Command]) -> list[_Packed]:
    """Return the commands that wait for a replica; none without confirmations."""
    if not confirmations:
        return []
    # WAIT covers the writes of its own connection only. After a repeated event, which writes nothing, it would
    # confirm nothing; a write without meaning makes it cover everything before.
    commands: list[Command] = [("SET", _confirmed_key(calls[0].command), b""), *confirmations]
    return [_Packed(command, pack_command(command)) for command in commands]  # type: ignore[arg-type]  # as above


def _confirmed_key(command: tuple[Any, ...]) -> bytes:
    """Return the key written before WAIT, in the partition of the command."""
    key: bytes = command[3] if command[0] == "EVALSHA" else command[1]
    return key[: key.index(b"}") + 1] + b":confirmed"


def _check_replicated(answers: Sequence[Any]) -> None:
    """Raise what the commands that wait for a replica were answered, unless one confirmed each.

    WAIT answers how many replicas confirm, WAITAOF how many disks: of the server itself and of replicas.
    """
    for answer in answers:
        if isinstance(answer, Exception):
            raise answer
        if answer == 0 or (isinstance(answer, list) and 0 in answer):
            raise StoreUnavailable(
                f"Redis: no replica confirmed within {REPLICA_MILLISECONDS} ms; send the same again, it counts once",
                code="not_replicated",
            )
