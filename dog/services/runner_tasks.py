"""What all runners share: the runtime that a worker process builds for its tasks, and the call of one task."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from threadpoolctl import threadpool_limits

from dog.config import Settings
from dog.errors import InvalidSettings
from dog.log import configure_log
from dog.services.runtime import Runtime
from dog.storage.connection import connect
from dog.storage.durability import Durability

REDIS_SECONDS = 30.0
EDGE_SECONDS = 5.0
"""How long a leader waits for a result before it calls its edge again."""
PARTS_AHEAD = 4
"""Parts that are begun or queued for each worker before the result of the first is taken."""

Edge = Callable[[float], None]
"""Called with the share of the parts that are done, 0 to 1; what it raises ends the map there."""


def no_edge(share: float) -> None:
    """Do nothing at an edge."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSetup:
    """What a worker process builds its runtime from; it shows no password, wherever a task is logged."""

    redis_url: str = field(repr=False)
    settings: Settings  # without its URL
    durability: Durability

    @classmethod
    def of(cls, runtime: Runtime) -> "WorkerSetup":
        """Return the setup of workers that use the same Redis as this process.

        Raises
        ------
        InvalidSettings
            Only this process has the connection.

        """
        if runtime.redis_url is None:
            raise InvalidSettings("other processes need a Redis that they can reach; set DOG_REDIS_URL")
        settings = replace(runtime.settings, redis_url=None)
        return cls(redis_url=runtime.redis_url, settings=settings, durability=runtime.durability)


_built: list[tuple[WorkerSetup, Runtime]] = []  # the runtime of this process, once a task has needed it
_one_task = threading.Lock()


def run_task(setup: WorkerSetup, task: Callable[..., Any], part: Any, *common: Any) -> Any:
    """Run a task in a worker process, one at a time; tasks share no objects between threads."""
    with _one_task:
        return task(worker_runtime(setup), part, *common)


def worker_runtime(setup: WorkerSetup) -> Runtime:
    """Return the runtime of this worker process; the first task, or one of another setup, builds it."""
    if not _built or _built[0][0] != setup:
        while _built:
            _built.pop()[1].close()
        configure_log(setup.settings)
        threadpool_limits(1)  # a worker is one thread; there are others beside it
        redis = connect(setup.redis_url, timeout_seconds=REDIS_SECONDS)
        settings = replace(setup.settings, redis_url=setup.redis_url)
        _built.append((setup, Runtime(settings, redis, durability=setup.durability)))
    return _built[0][1]
