"""Commands that travel to Redis together, and the scripts among them."""

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

# The node has not carried the command out, and says so: another has the key, or will have it soon.
MOVED = (exceptions.MovedError, exceptions.AskError, exceptions.TryAgainError)
AWAY = (exceptions.ConnectionError, exceptions.TimeoutError)
"""What opens the breaker: no answer at all. A server that refuses (full, read-only) does so at once."""

type_of_argument = bytes | str | int | float
Command = tuple[type_of_argument, ...]


@cache
def _source(name: str) -> bytes:
    return resources.files("dog.storage").joinpath("scripts", f"{name}.lua").read_bytes()


@cache
def _sha(name: str) -> str:
    return sha1(_source(name), usedforsecurity=False).hexdigest()


class RoundTrip:
    """Commands sent in one round trip to each server; not a transaction: each script is atomic by itself.

    Only a command whose answer says that it was not carried out is sent again: a script that the server has
    not got, a key that moved to another node. A lost answer says nothing, so it is an error.

    Parameters
    ----------
    redis
        Where to.
    replicas
        How many replicas have to confirm what is sent with `send(replicated=True)`.

    """

    def __init__(self, redis: Redis, replicas: int = 0) -> None:
        self._redis = redis
        self._replicas = replicas
        self._commands: list[Command] = []
        self._scripts: set[str] = set()

    def __len__(self) -> int:
        """Count the commands waiting."""
        return len(self._commands)

    def add(self, *command: type_of_argument) -> int:
        """Add a command; its answer will stand at the returned place."""
        self._commands.append(command)
        return len(self._commands) - 1

    def script(self, name: str, keys: Sequence[bytes], arguments: Sequence[type_of_argument]) -> int:
        """Add a call of `scripts/NAME.lua`; all keys belong to one partition."""
        self._scripts.add(name)
        return self.add("EVALSHA", _sha(name), len(keys), *keys, *arguments)

    def send(self, *, replicated: bool = False, coming: Iterable[None] = ()) -> list[Any]:
        """Send all and return the answers in order.

        Parameters
        ----------
        replicated
            Whether the replicas that the profile asks for must have everything before this returns.
        coming
            Adds more commands at each step, while the server is at work on those before.

        Raises
        ------
        StoreUnavailable
            Redis is away, hung, loading or full, or (code `not_replicated`) no replica confirms; some of the
            commands may have been carried out.

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
            if isinstance(error.__cause__, AWAY):
                breaker.failed(TIMEOUT_WEIGHT if isinstance(error.__cause__, exceptions.TimeoutError) else 1)
            raise
        breaker.succeeded()
        return answers

    def _attempt(self, replicas: int, coming: Iterable[None]) -> list[Any]:
        with store_errors():
            try:
                return self._send(replicas, coming)
            except (*AWAY, *MOVED, exceptions.ReadOnlyError):
                with suppress(exceptions.RedisError, exceptions.RedisClusterException):
                    reconnect(self._redis)  # for the next trip; this one is told that it failed
                raise

    def _send(self, replicas: int, coming: Iterable[None]) -> list[Any]:
        if coming and not is_cluster(self._redis):
            answers = _exchange(self._redis, self._parts(coming, replicas))
            if replicas:
                _check_replicated(answers.pop(-2), answers.pop(), replicas)
        else:
            for _ in coming:  # where a command has to go is known when all are there
                pass
            answers = [None] * len(self._commands)
            self._execute(range(len(self._commands)), answers, replicas)
        unknown = [place for place, answer in enumerate(answers) if isinstance(answer, exceptions.NoScriptError)]
        if unknown:
            for server in primaries(self._redis):
                for name in self._scripts:
                    server.script_load(_source(name))
            self._execute(unknown, answers, replicas)
        moved = [place for place, answer in enumerate(answers) if isinstance(answer, MOVED)]
        if moved:
            reconnect(self._redis)
            self._execute(moved, answers, replicas)
        for answer in answers:
            if isinstance(answer, Exception):
                raise answer
        return answers

    def _parts(self, coming: Iterable[None], replicas: int) -> Iterator[list[Command]]:
        """Give the commands that wait, then those that were added at each step."""
        given = 0
        for _ in coming:
            yield self._commands[given:]
            given = len(self._commands)
        yield self._commands[given:] + _confirmation(self._commands, replicas)

    def _execute(self, places: Sequence[int], answers: list[Any], replicas: int) -> None:
        """Send some of the commands, each to the server of its keys, and put the answers in their places."""
        confirmations: list[tuple[Any, Any]] = []
        for server, own in group_by_server(self._redis, self._commands, places):
            commands = [self._commands[place] for place in own]
            found = _exchange(server, [commands + _confirmation(commands, replicas)])
            if replicas:
                confirmations.append((found[-2], found[-1]))
            for place, answer in zip(own, found, strict=False):
                answers[place] = answer
        for written, count in confirmations:
            _check_replicated(written, count, replicas)


def _exchange(server: Redis, parts: Iterable[Sequence[Command]]) -> list[Any]:
    """Send commands over one connection and read an answer for each; an error answered stands in its place.

    What the library's pipeline does but for its retries, of which we want none, at half of its time. Each part is
    sent before the next is asked for, and all of them before the first answer is read.
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
        connection.disconnect()  # answers may still come that are nobody's
        raise
    finally:
        pool.release(connection)
    return answers


def _confirmation(commands: Sequence[Command], replicas: int) -> list[Command]:
    """Ask how many replicas have all that was written, where any have to."""
    if not replicas:
        return []
    # WAIT speaks of its connection's own writes: after a repeated event, which writes nothing, it would promise
    # nothing. A write of no meaning makes it cover all that came before.
    return [("SET", _confirmed_key(commands[0]), b""), ("WAIT", replicas, REPLICA_MILLISECONDS)]


def _confirmed_key(command: tuple[Any, ...]) -> bytes:
    """Name the key of the write that is waited for, in the partition of a command's key."""
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
