"""The commands that a server executes, those of scripts included."""

from collections.abc import Iterator
from contextlib import contextmanager

from dog.storage.connection import Redis

END = "end of what is recorded"


@contextmanager
def recorded_commands(redis: Redis) -> Iterator[list[list[str]]]:
    """Record what the server executes within the block, each command as its words; bytes are shown escaped."""
    found: list[list[str]] = []
    with redis.monitor() as monitor:  # type: ignore[no-untyped-call]  # redis-py's
        yield found
        redis.echo(END)
        for told in monitor.listen():
            if told["command"] == f"ECHO {END}":
                break
            found.append(told["command"].split(" "))
