"""Kill the service between two writes: from then on nothing of it reaches Redis, and its memory is thrown away."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import resources
from typing import Any

import pytest

from dog.storage import round_trip
from dog.storage.connection import Redis

READS = frozenset(
    [
        *("GET", "MGET", "STRLEN", "EXISTS", "HGET", "HMGET", "HGETALL", "HEXISTS", "HKEYS", "HVALS", "HLEN", "HSCAN"),
        *("SMEMBERS", "SMISMEMBER", "ZRANGE", "ZRANGEBYLEX", "ZREVRANGE", "ZSCORE", "GETRANGE", "PING", "SCAN"),
    ]
)
READING_SCRIPTS = ("read_log", "first_times", "dump_keys", "scores_of_product")


class Crash(BaseException):
    """The process is dead; no `except Exception` of its code may hold it."""


class Killer:
    """Kills at the n-th write, which is executed or not; its answer is lost in any case."""

    def __init__(self, writes_until: int, *, executed: bool) -> None:
        self.left, self._executed, self.dead = writes_until, executed, False
        self.writes = 0

    def cut(self, calls: Sequence[Any]) -> int | None:
        """Return how many of some calls are still executed; None for all."""
        for place, call in enumerate(calls):
            if is_write(call.command):
                self.writes += 1
                if self.writes == self.left:
                    return place + self._executed
        return None


@contextmanager
def killed_at(killer: Killer) -> Iterator[None]:
    """Kill what runs inside at a write; raise `Crash` there and from each round trip after."""
    exchange = round_trip._exchange  # the seam: every round trip goes through it

    def kill(server: Redis, parts: Any) -> list[Any]:
        if killer.dead:
            raise Crash
        calls = [call for part in parts for call in part]
        cut = killer.cut(calls)
        if cut is None:
            return exchange(server, [calls])
        killer.dead = True
        if cut:
            exchange(server, [calls[:cut]])
        raise Crash

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(round_trip, "_exchange", kill)
        yield


def is_write(command: Sequence[Any]) -> bool:
    """Return whether a command changes anything."""
    if command[0] == "EVALSHA":
        return command[1] not in _reading_shas()
    return command[0] not in READS


def load_scripts(redis: Redis) -> None:
    """Load every script, so that none is missing at its first call: the writes are counted the same in each run."""
    for script in resources.files("dog.storage").joinpath("scripts").iterdir():
        redis.script_load(round_trip._source(script.name.removesuffix(".lua")))


def _reading_shas() -> set[str]:
    return {round_trip._sha(name) for name in READING_SCRIPTS}  # cached there
