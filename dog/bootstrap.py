"""The one place where real things are plugged together; nothing is built at import."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from dog.config import METRICS_FOLDER
from dog.groundwork import REQUEST_SECONDS, lay_groundwork
from dog.services.house import House, system_clock
from dog.services.operations.limits import Limits
from dog.storage.breaker import Breaker, guard

JOB_SECONDS = 30.0


def build_house(
    environ: Mapping[str, str] | None = None,
    *,
    clock: Callable[[], int] = system_clock,
    timeout_seconds: float = REQUEST_SECONDS,
) -> House:
    """Build on the groundwork what the ways in are given.

    Raises
    ------
    InvalidSettings, StoreError
        As `lay_groundwork`.

    """
    ground = lay_groundwork(environ, timeout_seconds=timeout_seconds)
    if timeout_seconds <= REQUEST_SECONDS:
        guard(ground.redis, Breaker(ground.redis.ping))
    folder = os.environ.get(METRICS_FOLDER)
    limits = Limits(Path(folder) if folder else None)
    return House(
        ground.settings, ground.redis, clock, durability=ground.durability, server=ground.server, limits=limits
    )
