"""Tasks for the tests of runners, in a module that a worker imports fast."""

import os
import signal

from dog.errors import InvalidInput
from dog.services.runtime import Runtime


def process_of(runtime: Runtime, part: int) -> int:  # the shape of a task
    return os.getpid()


def squared(runtime: Runtime, part: int, added: int) -> int:
    assert runtime.redis.ping()
    return part**2 + added


def die_once(runtime: Runtime, part: int) -> int:
    """Kill the process the first time that a part is run."""
    if runtime.redis.incr(f"dog:{{runs}}:{part}") == 1 and part % 4 == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return part


def die(runtime: Runtime, part: int) -> None:  # the shape of a task
    os.kill(os.getpid(), signal.SIGKILL)


def refuse(runtime: Runtime, part: int) -> None:  # the shape of a task
    raise InvalidInput(f"part {part} is refused", code="refused_part")


def die_if_named(runtime: Runtime, part: int) -> int:
    """Kill the process of each part that is named; each name is used once."""
    if runtime.redis.srem("dog:{fatal}", part):
        os.kill(os.getpid(), signal.SIGKILL)
    return part
