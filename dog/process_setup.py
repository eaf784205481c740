"""What every process stands on: settings, the log, and a Redis that is there and can be trusted."""

import logging
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import structlog

from dog.config import Settings, read_settings
from dog.errors import StoreError
from dog.log_format import make_safe
from dog.storage.connection import Redis, connect
from dog.storage.durability import Durability, check_durability
from dog.storage.embedded import EmbeddedServer
from dog.storage.store import tenant_names

REQUEST_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class ProcessSetup:
    """What `dog serve` needs to start and supervise workers: settings and a checked connection to Redis."""

    settings: Settings
    redis: Redis
    durability: Durability
    server: EmbeddedServer | None
    """The embedded server; None where DOG_REDIS_URL names another."""

    def tenants(self) -> list[str]:
        """List the tenants there are."""
        return tenant_names(self.redis)

    def close(self) -> None:
        """Close the connection, stop the embedded server if nobody else uses it."""
        self.redis.close()
        if self.server is not None:
            self.server.stop()


def set_up_process(
    environ: Mapping[str, str] | None = None, *, timeout_seconds: float = REQUEST_SECONDS
) -> ProcessSetup:
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
    redis = connect(url, timeout_seconds=timeout_seconds)
    try:
        durability = check_durability(redis, settings.durability)
    except StoreError:
        if server is not None:
            server.stop()
        raise
    if durability.shortfall:
        structlog.get_logger().warning("weaker_durability", profile=durability.profile, reason=durability.shortfall)
    return ProcessSetup(settings, redis, durability, server)


def _to_json(line: Any, **_: Any) -> str:
    return orjson.dumps(line).decode()


def configure_log(settings: Settings) -> None:
    """Write the log to stderr, one line an event, as JSON or for people."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    shown = (
        structlog.processors.JSONRenderer(_to_json)
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer()
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            make_safe,
            shown,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
    )
