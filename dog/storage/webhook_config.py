"""Where a tenant wants to be told of things, and how far it has been told."""

from dataclasses import asdict, dataclass, replace
from typing import Any

from dog.storage.round_trip import RoundTrip
from dog.storage.store import Store

KEY = "webhook"


@dataclass(frozen=True, slots=True)
class Webhook:
    """One address, its secret (base64), and the place in the order of messages that it was told up to."""

    url: str
    secret: str
    allow_private: bool = False
    told: str = ""
    attempts: int = 0
    next_at_ms: int = 0
    given_up: int = 0
    last_error: str = ""  # of the last attempt; empty once one is taken
    delivered_at_ms: int = 0

    def changed(self, **changes: Any) -> "Webhook":
        """Copy it with some fields changed."""
        return replace(self, **changes)


def read_webhook(store: Store) -> Webhook | None:
    """Read the tenant's webhook, if it has one."""
    trip = RoundTrip(store.redis)
    trip.add("HGETALL", store.keys.of(KEY))
    [found] = trip.send()
    if not found:
        return None
    kept: dict[str, Any] = {name.decode(): value.decode() for name, value in dict(found).items()}
    kept |= {name: int(kept.get(name, 0)) for name in ("attempts", "next_at_ms", "given_up", "delivered_at_ms")}
    return Webhook(**{**kept, "allow_private": kept["allow_private"] == "1"})


def write_webhook(store: Store, webhook: Webhook) -> None:
    """Write it, in the place of what was there."""
    fields = {name: int(value) if isinstance(value, bool) else value for name, value in asdict(webhook).items()}
    trip = RoundTrip(store.redis)
    trip.add("HSET", store.keys.of(KEY), *(word for pair in fields.items() for word in pair))
    trip.send()


def remove_webhook(store: Store) -> bool:
    """Take it away; tell whether there was one."""
    trip = RoundTrip(store.redis)
    trip.add("DEL", store.keys.of(KEY))
    return bool(trip.send()[0])
