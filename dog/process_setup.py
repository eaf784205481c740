"""What every process needs first: settings, the log, and a connection to a Redis whose durability is checked."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from dog.config import Settings, read_settings
from dog.log import configure_log, log
from dog.services.migrate_tenant import migrate_tenants
from dog.storage.connection import Redis, connect
from dog.storage.durability import Durability, check_durability
from dog.storage.embedded import EmbeddedServer
from dog.storage.store import tenant_names

REQUEST_SECONDS = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessSetup:
    """Settings and a checked connection to Redis: all that `dog serve` needs, whose workers make the lists."""

    settings: Settings
    redis: Redis
    durability: Durability
    server: EmbeddedServer | None
    """The embedded server; None if DOG_REDIS_URL names another one."""

    def tenants(self) -> list[str]:
        """Return the names of all tenants."""
        return tenant_names(self.redis)

    def close(self) -> None:
        """Close the connection; stop the embedded server if no other process uses it."""
        self.redis.close()
        if self.server is not None:
            self.server.stop()


def set_up_process(
    environ: Mapping[str, str] | None = None, *, timeout_seconds: float = REQUEST_SECONDS
) -> ProcessSetup:
    """Read the settings and connect to Redis; start the embedded server if DOG_REDIS_URL names no other.

    Data of an older release are migrated first.

    Raises
    ------
    InvalidSettings
        A setting is invalid.
    StoreError
        Redis cannot be reached, does not keep what DOG_DURABILITY asks for, or holds data of a newer release.

    """
    settings = read_settings(os.environ if environ is None else environ)
    configure_log(settings)
    server, url = None, settings.redis_url
    if url is None:
        fsync = "everysec" if settings.durability == "standard" else "always"
        server = EmbeddedServer(settings.data_dir, fsync, settings.max_memory)
        server.start()
        url = server.url
    try:
        redis = connect(url, timeout_seconds=timeout_seconds)
        durability = check_durability(redis, settings.durability)
        migrate_tenants(redis)
    except BaseException:  # Ctrl-C too
        if server is not None:
            server.stop()
        raise
    if durability.shortfall:
        log.warning("weaker_durability", profile=durability.profile, reason=durability.shortfall)
    return ProcessSetup(settings=settings, redis=redis, durability=durability, server=server)
