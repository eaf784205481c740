"""The one place where real things are plugged together; nothing is built at import."""

import logging
import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import structlog

from dog.config import Settings, read_settings
from dog.services.decision_writer import DecisionWriter
from dog.services.policies import load_policy_files
from dog.services.snapshot import Snapshots
from dog.storage.connection import Redis, connect
from dog.storage.embedded import EmbeddedServer
from dog.storage.store import Store
from dog.storage.tenants import ensure_tenant, find_tenant

REQUEST_SECONDS = 0.5
JOB_SECONDS = 30.0


def system_clock() -> int:
    """Read the current instant, milliseconds since 1970."""
    return time.time_ns() // 1_000_000


@dataclass(slots=True)
class House:
    """What the ways in (HTTP, commands, jobs) are given."""

    settings: Settings
    redis: Redis
    clock: Callable[[], int] = system_clock
    server: EmbeddedServer | None = None
    snapshots: Snapshots = field(default_factory=Snapshots)
    decisions: DecisionWriter = field(default_factory=DecisionWriter)
    _stores: dict[str, Store] = field(default_factory=dict)

    def store(self, tenant: str, *, create: bool = False) -> Store:
        """Open a tenant's place in Redis; with `create` the tenant comes into being."""
        if tenant not in self._stores:
            found = ensure_tenant(self.redis, tenant) if create else find_tenant(self.redis, tenant)
            store = Store(self.redis, found)
            load_policy_files(store, self.settings.policy_dir, self.clock())
            self._stores[tenant] = store
        return self._stores[tenant]

    def close(self) -> None:
        """Write what waits, close the connection, stop the embedded server if it is ours."""
        self.decisions.flush()
        self.redis.close()
        if self.server is not None:
            self.server.stop()


def build_house(
    environ: Mapping[str, str] | None = None,
    *,
    clock: Callable[[], int] = system_clock,
    timeout_seconds: float = REQUEST_SECONDS,
) -> House:
    """Read the settings, connect to Redis (starting the embedded server if no other is named).

    Raises
    ------
    InvalidSettings
        A setting is bad.
    StoreError
        Redis is not to be had, or not to be trusted.

    """
    settings = read_settings(os.environ if environ is None else environ)
    configure_log(settings)
    server = None
    url = settings.redis_url
    if url is None:
        server = EmbeddedServer(settings.data_dir, "everysec" if settings.durability == "standard" else "always")
        server.start()
        url = server.url
    return House(settings, connect(url, timeout_seconds=timeout_seconds), clock, server)


def configure_log(settings: Settings) -> None:
    """Write the log to stderr, one line an event, as JSON or for people."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    shown = structlog.processors.JSONRenderer() if settings.log_format == "json" else structlog.dev.ConsoleRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            shown,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
    )
