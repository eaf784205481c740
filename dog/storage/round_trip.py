"""Commands that travel to Redis together, and the scripts among them."""

from collections.abc import Sequence
from functools import cache
from hashlib import sha1
from importlib import resources
from typing import Any

from redis.exceptions import ConnectionError as NotConnected
from redis.exceptions import NoScriptError
from redis.exceptions import TimeoutError as NoAnswer

from dog.errors import StoreUnavailable
from dog.storage.breaker import breaker_of
from dog.storage.connection import Redis, store_errors

AWAY = (NotConnected, NoAnswer)
"""What opens the breaker: no answer at all. A server that refuses (full, read-only) does so at once."""

type_of_argument = bytes | str | int | float


@cache
def _source(name: str) -> bytes:
    return resources.files("dog.storage").joinpath("scripts", f"{name}.lua").read_bytes()


@cache
def _sha(name: str) -> str:
    return sha1(_source(name), usedforsecurity=False).hexdigest()


class RoundTrip:
    """Commands sent in one round trip; not a transaction: each script is atomic by itself.

    Every write that goes through here may be repeated without harm, so a script missing from the server's
    cache is loaded and the whole trip made again.
    """

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._commands: list[tuple[type_of_argument, ...]] = []
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

    def send(self) -> list[Any]:
        """Send all and return the answers in order.

        Raises
        ------
        StoreUnavailable
            Redis is away, hung, loading or full; some of the commands may have been carried out.

        """
        if not self._commands:
            return []
        breaker = breaker_of(self._redis)
        if breaker is None:
            return self._send()
        breaker.check()
        try:
            answers = self._send()
        except StoreUnavailable as error:
            if isinstance(error.__cause__, AWAY):
                breaker.failed()
            raise
        breaker.succeeded()
        return answers

    def _send(self) -> list[Any]:
        with store_errors():
            try:
                return self._execute()
            except NoScriptError:
                for name in self._scripts:
                    self._redis.script_load(_source(name))
                return self._execute()

    def _execute(self) -> list[Any]:
        if len(self._commands) == 1:
            return [self._redis.execute_command(*self._commands[0])]  # type: ignore[no-untyped-call]  # redis-py
        pipeline = self._redis.pipeline(transaction=False)
        for command in self._commands:
            pipeline.execute_command(*command)  # type: ignore[no-untyped-call]  # redis-py
        answers: list[Any] = pipeline.execute()
        return answers
