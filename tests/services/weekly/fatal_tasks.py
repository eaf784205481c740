"""The sweeps of the weekly job; each kills its process once, for one of the parts, before it does its work."""

import os
import signal
import time
from typing import Any

from dog.services.runtime import Runtime
from dog.services.weekly import week_tasks
from dog.storage.connection import Redis

KILLS = "dog:{kills}"
RESTART_SECONDS = 8.0
"""Dask's nanny gives up a worker that ends while it starts."""
SWEEPS = {name: getattr(week_tasks, name) for name in ("gather", "compute", "write")}


def kills(redis: Redis) -> list[str]:
    """Return the sweeps in which a process was killed."""
    return sorted(str(name, "ascii") for name in redis.smembers(KILLS) if isinstance(name, bytes))


def gather(runtime: Runtime, partitions: range, *common: Any) -> Any:
    """First sweep."""
    return _run_or_die("gather", runtime, partitions, *common)


def compute(runtime: Runtime, partitions: range, *common: Any) -> Any:
    """Second sweep."""
    return _run_or_die("compute", runtime, partitions, *common)


def write(runtime: Runtime, partitions: range, *common: Any) -> Any:
    """Third sweep, killed after its work: it is done again."""
    found = SWEEPS["write"](runtime, partitions, *common)
    _die_once("write", runtime, partitions)
    return found


def _run_or_die(sweep: str, runtime: Runtime, partitions: range, *common: Any) -> Any:
    _die_once(sweep, runtime, partitions)
    return SWEEPS[sweep](runtime, partitions, *common)


def _die_once(sweep: str, runtime: Runtime, partitions: range) -> None:
    if 20 in partitions and runtime.redis.sadd(KILLS, sweep):
        time.sleep(RESTART_SECONDS if runtime.redis.scard(KILLS) > 1 else 0)
        os.kill(os.getpid(), signal.SIGKILL)
