"""Audit log: who changed what, when, from where; the newest 10,000 entries of a tenant."""

import getpass
import secrets
import socket
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import KW_ONLY, asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from dog.log import log
from dog.storage.connection import Redis
from dog.storage.keys import TenantKeys
from dog.storage.round_trip import RoundTrip, execute

KEPT_AUDIT_ENTRIES = 10_000


@dataclass(slots=True)  # not frozen: one is made for each request, and takes a fifth of the time
class Actor:
    """Who makes a change: an API key with its request, or a user of the command line."""

    who: str  # id of an API key, or "user NAME" for a command
    name: str  # what the key is for
    source: str  # address of the client, or host name for a command
    _: KW_ONLY
    request_id: str = ""


current_actor: ContextVar[Actor | None] = ContextVar("acting", default=None)
"""Set during a request; unset in a command."""


def record_audit_entry(redis: Redis, tenant: str, act: str, target: str = "", **details: Any) -> None:
    """Append an entry, and log it if a request caused it.

    `act` is such as `policy.activate`; `target` is a name or version, never the id of a contact, which may be erased.
    """
    actor, at = current_actor.get(), datetime.now(UTC)
    entry = {
        "at": at.isoformat(timespec="milliseconds"),
        "act": act,
        "target": target,
        **asdict(actor or _command_line_actor()),
    }
    entry["details"] = details
    place = f"{round(at.timestamp() * 1e6):017d}-{secrets.token_hex(4)}"
    if actor is not None:  # a command reports on its own terminal
        log.info("audit", tenant=tenant, **entry)
    key = TenantKeys(tenant).of("audit")
    trip = RoundTrip(redis)
    trip.add("ZADD", key, 0, place.encode() + b" " + orjson.dumps(entry))
    trip.add("ZREMRANGEBYRANK", key, 0, -KEPT_AUDIT_ENTRIES - 1)
    trip.send()


def read_audit_entries(
    redis: Redis, tenant: str, limit: int, before: str | None = None
) -> list[tuple[str, Mapping[str, Any]]]:
    """Return entries with their places, newest first, starting before a place."""
    start = f"({before}" if before else "+"
    key = TenantKeys(tenant).of("audit")
    members: list[bytes] = execute(redis, "ZRANGE", key, start, "-", "BYLEX", "REV", "LIMIT", 0, limit)
    split = [member.partition(b" ") for member in members]
    return [(place.decode(), orjson.loads(entry)) for place, _, entry in split]


def acting_name() -> str:
    """Return who makes a change now: the name of the key or person, or the user of the command line."""
    actor = current_actor.get() or _command_line_actor()
    return actor.name or actor.who


def _command_line_actor() -> Actor:
    try:
        user = getpass.getuser()
    except (OSError, KeyError, ImportError):  # in a container a user may have no name
        user = "unknown"
    return Actor(f"user {user}", "", socket.gethostname())
