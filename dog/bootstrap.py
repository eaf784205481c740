"""The one place where real things are plugged together; nothing is built at import."""

import logging
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import orjson
import structlog

from dog import metrics
from dog.config import Settings, read_settings
from dog.errors import StoreError
from dog.log_lines import make_safe
from dog.services.house import House, system_clock
from dog.services.operations.limits import Limits
from dog.storage.breaker import Breaker, guard
from dog.storage.connection import connect
from dog.storage.durability import check_durability
from dog.storage.embedded import EmbeddedServer

REQUEST_SECONDS = 0.5
JOB_SECONDS = 30.0


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
    redis = connect(url, timeout_seconds=timeout_seconds)
    try:
        durability = check_durability(redis, settings.durability)
    except StoreError:
        if server is not None:
            server.stop()
        raise
    if timeout_seconds <= REQUEST_SECONDS:
        guard(redis, Breaker(redis.ping))
    if durability.shortfall:
        structlog.get_logger().warning("weaker_durability", profile=durability.profile, reason=durability.shortfall)
    folder = os.environ.get(metrics.FOLDER)
    limits = Limits(Path(folder) if folder else None)
    return House(settings, redis, clock, durability=durability, server=server, limits=limits)


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
