"""The house: what every use case is given, whoever calls it."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from dog.config import Settings
from dog.services.feedback.actor_shares import ActorShares
from dog.services.lists.afterwards import Afterwards
from dog.services.lists.decision_writer import DecisionWriter
from dog.services.lists.held import Held
from dog.services.lists.product_counts import ProductCounts
from dog.services.lists.snapshot import Snapshots
from dog.services.operations.key_ring import KeyRing
from dog.services.operations.limits import Limits
from dog.services.policy.policies import load_policy_files
from dog.storage.connection import Redis
from dog.storage.durability import Durability
from dog.storage.embedded import EmbeddedServer
from dog.storage.store import Store
from dog.storage.tenants import ensure_tenant, find_tenant, tenant_names


def system_clock() -> int:
    """Read the current instant, milliseconds since 1970."""
    return time.time_ns() // 1_000_000


@dataclass(slots=True)
class House:
    """What the ways in (HTTP, commands, jobs) are given."""

    settings: Settings
    redis: Redis
    clock: Callable[[], int] = system_clock
    wait: Callable[[float], None] = time.sleep
    durability: Durability = field(default_factory=lambda: Durability("strict"))
    server: EmbeddedServer | None = None
    snapshots: Snapshots = field(default_factory=Snapshots)
    decisions: DecisionWriter = field(default_factory=DecisionWriter)
    afterwards: Afterwards = field(default_factory=Afterwards)
    held: Held = field(default_factory=Held)
    product_counts: ProductCounts = field(default_factory=ProductCounts)
    keys: KeyRing = field(default_factory=KeyRing)
    actor_shares: ActorShares = field(default_factory=ActorShares)
    limits: Limits = field(default_factory=Limits)
    stopping: threading.Event = field(default_factory=threading.Event)
    serves: bool = False  # whether this process answers requests: only then do changed policy files come in force
    _stores: dict[str, Store] = field(default_factory=dict)

    def store(self, tenant: str, *, create: bool = False) -> Store:
        """Open a tenant's place in Redis; with `create` the tenant comes into being."""
        if tenant not in self._stores:
            found = ensure_tenant(self.redis, tenant) if create else find_tenant(self.redis, tenant)
            store = Store(self.redis, found, replicas=1 if self.durability.profile == "ha" else 0)
            load_policy_files(store, self.settings.policy_dir, self.clock(), self.today(), first_only=not self.serves)
            self._stores[tenant] = store
        return self._stores[tenant]

    @property
    def redis_url(self) -> str | None:
        """Where other processes find the Redis that this one uses; None where it was built around a connection."""
        return self.server.url if self.server is not None else self.settings.redis_url

    def forget(self, tenant: str) -> None:
        """Open the tenant anew next time: it was restored from a backup."""
        self._stores.pop(tenant, None)

    def day_of(self, at_ms: int) -> date:
        """Tell the day of an instant, milliseconds since 1970, in the tenant's time zone."""
        return datetime.fromtimestamp(at_ms / 1000, self.settings.zone).date()

    def today(self) -> date:
        """Tell the day it is in the tenant's time zone."""
        return self.day_of(self.clock())

    def tenants(self) -> list[str]:
        """List the tenants there are."""
        return tenant_names(self.redis)

    def close(self) -> None:
        """End jobs at their next edge, write what waits, close the connection, stop the embedded server if ours."""
        self.stopping.set()
        self.actor_shares.write()
        self.afterwards.close()
        self.decisions.close()
        self.redis.close()
        if self.server is not None:
            self.server.stop()
