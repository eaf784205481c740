"""Hooks: the addresses to which other services push events; each name belongs to one tenant."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from dog.errors import Conflict, NotFound
from dog.storage.api_keys import ApiKey
from dog.storage.audit_log import record_audit_entry
from dog.storage.connection import Redis
from dog.storage.keys import HOOKS
from dog.storage.round_trip import execute


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """A published hook: whose it is, how its sender is recognised, how its events are mapped."""

    name: str
    tenant: str
    scheme: str
    secret: str = field(repr=False)
    mapping: Mapping[str, Any]  # its table of dog.toml
    published_at: str

    @property
    def key(self) -> ApiKey:
        """Return the key under which its requests are limited, logged and audited."""
        return ApiKey(
            key_id=f"hook {self.name}",
            tenant=self.tenant,
            name=self.name,
            scopes=(),
            sha256="",
            created_at=self.published_at,
        )


def read_hook(redis: Redis, name: str) -> Hook | None:
    """Read a hook of any tenant; None where there is none."""
    record = execute(redis, "HGET", HOOKS, name)
    return None if record is None else Hook(**orjson.loads(record))


def read_own_hook(redis: Redis, tenant: str, name: str) -> Hook | None:
    """Read a hook of the tenant; None where there is none. Raise `Conflict` if the name is another tenant's."""
    known = read_hook(redis, name)
    if known is not None and known.tenant != tenant:
        raise Conflict(f"the name '{name}' is taken by a hook of another tenant; choose another")
    return known


def list_hooks(redis: Redis, tenant: str) -> list[Hook]:
    """Return a tenant's hooks by name."""
    hooks = [Hook(**orjson.loads(record)) for record in execute(redis, "HVALS", HOOKS)]
    return sorted((hook for hook in hooks if hook.tenant == tenant), key=lambda hook: hook.name)


def write_hook(redis: Redis, hook: Hook) -> None:
    """Write a hook, replacing the tenant's own of that name; raise `Conflict` if the name is another tenant's."""
    record = orjson.dumps(hook)
    if not execute(redis, "HSETNX", HOOKS, hook.name, record):
        read_own_hook(redis, hook.tenant, hook.name)
        execute(redis, "HSET", HOOKS, hook.name, record)
    record_audit_entry(redis, hook.tenant, "hook.publish", hook.name, scheme=hook.scheme)


def remove_hook(redis: Redis, tenant: str, name: str) -> None:
    """Delete a hook; raise `NotFound` if the tenant has none of that name."""
    known = read_hook(redis, name)
    if known is None or known.tenant != tenant:
        raise NotFound(f"tenant '{tenant}' has no hook '{name}'; see: dog hooks list", code="unknown_hook")
    execute(redis, "HDEL", HOOKS, name)
    record_audit_entry(redis, tenant, "hook.remove", name)
