"""The webhook of a tenant: its address and the state of its deliveries."""

from dataclasses import asdict, dataclass
from typing import Any

from dog.storage.store import Store

KEY = "webhook"


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """Address, secret (base64) and state of the deliveries."""

    url: str
    secret: str
    allow_private: bool = False
    told: str = ""  # place of the last message delivered or given up
    attempts: int = 0
    next_at_ms: int = 0
    given_up: int = 0
    last_error: str = ""  # of the last attempt; empty after a delivery
    delivered_at_ms: int = 0


def read_webhook(store: Store) -> Webhook | None:
    """Read the tenant's webhook, or None."""
    found = store.execute("HGETALL", store.keys.of(KEY))
    if not found:
        return None
    kept: dict[str, Any] = {name.decode(): value.decode() for name, value in dict(found).items()}
    kept |= {name: int(kept.get(name, 0)) for name in ("attempts", "next_at_ms", "given_up", "delivered_at_ms")}
    return Webhook(**{**kept, "allow_private": kept["allow_private"] == "1"})


def write_webhook(store: Store, webhook: Webhook) -> None:
    """Write the webhook, replacing the one before."""
    fields = {name: int(value) if isinstance(value, bool) else value for name, value in asdict(webhook).items()}
    store.execute("HSET", store.keys.of(KEY), *(word for pair in fields.items() for word in pair))


def remove_webhook(store: Store) -> bool:
    """Delete the webhook; return whether there was one."""
    return bool(store.execute("DEL", store.keys.of(KEY)))
