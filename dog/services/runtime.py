"""What every use case is given: settings, clock, the connection to Redis, and the objects a process shares."""

import threading
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass, field
from datetime import date, datetime
from functools import lru_cache
from time import monotonic, sleep, time_ns
from typing import Any, Self, TypeVar
from zoneinfo import ZoneInfo

from dog.config import Settings
from dog.errors import StoreUnavailable
from dog.storage.archive import Archive
from dog.storage.connection import Redis
from dog.storage.durability import Durability
from dog.storage.embedded import EmbeddedServer
from dog.storage.schema import check_schema, read_marks
from dog.storage.store import Store, ensure_tenant, find_tenant, tenant_names

Shared = TypeVar("Shared")
OpenHook = Callable[["Runtime", Store], None]


QUARTER_MS = 900_000
"""A quarter of an hour: no time zone changes the day inside one."""
SCHEMA_CHECK_SECONDS = 5.0
"""How long a process may continue with a tenant that a newer release has begun to migrate."""


@lru_cache(maxsize=16_384)  # one list tells some twenty days
def _day_of(quarter: int, timezone: str) -> date:
    return datetime.fromtimestamp(quarter * QUARTER_MS // 1000, ZoneInfo(timezone)).date()


def system_clock() -> int:
    """Return the current time, milliseconds since 1970."""
    return time_ns() // 1_000_000


@dataclass(slots=True)
class Runtime:
    """What HTTP, commands and jobs hand to every use case; `dog/bootstrap.py` makes it.

    Caches and writers that live as long as the process (`Snapshots`, `DecisionWriter`, ...) are defined beside
    the use cases that need them, which ask for them with `shared`.
    """

    settings: Settings
    redis: Redis
    _: KW_ONLY
    clock: Callable[[], int] = system_clock
    wait: Callable[[float], None] = sleep
    durability: Durability = field(default_factory=lambda: Durability("strict"))
    server: EmbeddedServer | None = None
    on_open: OpenHook | None = None  # called once for every tenant that this process opens
    stopping: threading.Event = field(default_factory=threading.Event)
    serves: bool = False  # True in a process that answers requests: only there changed policy files take effect
    _stores: dict[str, Store] = field(default_factory=dict)
    _schema_due: dict[str, float] = field(default_factory=dict)  # when each is checked again (monotonic)
    _shared: dict[type, Any] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def shared(self, kind: type[Shared]) -> Shared:
        """Return this process's object of a class; the first call makes it, without arguments.

        Its method `close`, where it has one, is called when the process ends.
        """
        found = self._shared.get(kind)
        if found is None:
            with self._lock:
                found = self._shared.get(kind)
                if found is None:
                    found = self._shared[kind] = kind()
        return found

    def share(self, made: object) -> None:
        """Use an object that was made with arguments as this process's object of its class."""
        self._shared[type(made)] = made

    def store(self, tenant: str, *, create: bool = False) -> Store:
        """Return a tenant's store; with `create`, make the tenant if it does not exist.

        Raise `StoreRefused` or `StoreUnavailable` if a newer release has migrated its data, or they are migrated,
        restored or repartitioned now.
        """
        if tenant in self._stores and monotonic() > self._schema_due[tenant]:
            self._check_schema(tenant)
        store = self._stores.get(tenant)
        if store is None:
            found = ensure_tenant(self.redis, tenant) if create else find_tenant(self.redis, tenant)
            store = Store(
                self.redis, found, confirmations=self.durability.confirmations, archive=self.archive_of(tenant)
            )
            self._check_schema(tenant)
            if self.on_open is not None:
                self.on_open(self, store)
            self._stores[tenant] = store
        return store

    def archive_of(self, tenant: str) -> Archive:
        """Return a tenant's archive: `DOG_ARCHIVE`, else a folder for archived weeks beside the embedded server."""
        root = self.settings.archive
        return Archive(root or str(self.settings.data_dir / "archive"), tenant, takes_cold=root is not None)

    def use(self, store: Store) -> None:
        """Use a store as that of its tenant."""
        self._check_schema(store.tenant.name)
        self._stores[store.tenant.name] = store

    def _check_schema(self, tenant: str) -> None:
        try:
            marks = read_marks(self.redis, [tenant])[0]
        except StoreUnavailable:
            if tenant in self._stores:  # known contacts get lists without Redis
                return
            raise
        check_schema(tenant, marks)
        known = self._stores.get(tenant)
        if known is not None and marks.partition_count not in (None, known.tenant.partition_count):
            self.forget(tenant)  # it was repartitioned
        self._schema_due[tenant] = monotonic() + SCHEMA_CHECK_SECONDS

    @property
    def redis_url(self) -> str | None:
        """URL under which other processes reach the same Redis; None where only this process has the connection."""
        return self.server.url if self.server is not None else self.settings.redis_url

    def forget(self, tenant: str) -> None:
        """Reopen the tenant on its next use, as after a restore from a backup."""
        self._stores.pop(tenant, None)

    def day_of(self, at_ms: int) -> date:
        """Return the day of a time (milliseconds since 1970) in the configured time zone."""
        return _day_of(at_ms // QUARTER_MS, self.settings.timezone)

    def today(self) -> date:
        """Return the current day in the configured time zone."""
        return self.day_of(self.clock())

    def tenants(self) -> list[str]:
        """Return the names of all tenants."""
        return tenant_names(self.redis)

    def __enter__(self) -> Self:
        """Return the runtime; `close` it after the `with` block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the runtime."""
        self.close()

    def close(self) -> None:
        """Stop running jobs at their next checkpoint, close shared objects, the connection and our own server."""
        self.stopping.set()
        for shared in reversed(list(self._shared.values())):
            if hasattr(shared, "close"):
                shared.close()
        self.redis.close()
        if self.server is not None:
            self.server.stop()
