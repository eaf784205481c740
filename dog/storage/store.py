"""One tenant's place in Redis: what every storage function is given first."""

from dataclasses import dataclass

from dog.storage.connection import Redis
from dog.storage.keys import TenantKeys
from dog.storage.round_trip import RoundTrip
from dog.storage.tenants import Tenant


@dataclass(frozen=True, slots=True)
class Store:
    """A connection and the tenant it is used for."""

    redis: Redis
    tenant: Tenant
    replicas: int = 0
    """How many replicas have to confirm feedback before it is answered; one under the profile `ha`."""

    @property
    def keys(self) -> TenantKeys:
        """The tenant's keys."""
        return self.tenant.keys

    def trip(self) -> RoundTrip:
        """Begin a round trip."""
        return RoundTrip(self.redis, self.replicas)
