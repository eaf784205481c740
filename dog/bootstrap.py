"""Build the application: settings, Redis and the runtime; nothing is built at import."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from dog.config import METRICS_FOLDER, Settings
from dog.process_setup import REQUEST_SECONDS, set_up_process
from dog.services.operations.rate_limits import RateLimits
from dog.services.policies.policy_store import load_policy_files
from dog.services.runtime import Runtime, system_clock
from dog.storage.breaker import Breaker, attach_breaker
from dog.storage.connection import Redis
from dog.storage.durability import Durability
from dog.storage.embedded import EmbeddedServer
from dog.storage.store import Store

JOB_SECONDS = 30.0


def build_runtime(
    environ: Mapping[str, str] | None = None,
    *,
    clock: Callable[[], int] = system_clock,
    timeout_seconds: float = JOB_SECONDS,
) -> Runtime:
    """Build the runtime from the environment.

    A command of Redis may take 30 seconds, since commands and jobs can wait. With `REQUEST_SECONDS`, as for requests,
    a breaker answers while Redis does not.

    Raises
    ------
    InvalidSettings, StoreError
        As `set_up_process`.

    """
    setup = set_up_process(environ, timeout_seconds=timeout_seconds)
    if timeout_seconds <= REQUEST_SECONDS:
        attach_breaker(setup.redis, Breaker(setup.redis.ping))
    return create_runtime(setup.settings, setup.redis, clock, durability=setup.durability, server=setup.server)


def create_runtime(
    settings: Settings,
    redis: Redis,
    clock: Callable[[], int] = system_clock,
    *,
    durability: Durability | None = None,
    server: EmbeddedServer | None = None,
) -> Runtime:
    """Build the runtime around an open connection."""
    folder = os.environ.get(METRICS_FOLDER)
    runtime = Runtime(
        settings,
        redis,
        clock=clock,
        durability=durability or Durability("strict"),
        server=server,
        on_open=_load_policy_files,
    )
    runtime.share(RateLimits(Path(folder) if folder else None))
    return runtime


def _load_policy_files(runtime: Runtime, store: Store) -> None:
    load_policy_files(
        store, runtime.settings.policy_dir, runtime.clock(), runtime.today(), first_only=not runtime.serves
    )
