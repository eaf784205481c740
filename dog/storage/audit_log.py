"""Who changed what, when, from where: the newest 10,000 acts of a tenant, in order; the service logs its own too."""

import getpass
import secrets
import socket
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
import structlog

from dog.storage.connection import Redis
from dog.storage.keys import TenantKeys
from dog.storage.round_trip import RoundTrip

KEPT_AUDIT_ENTRIES = 10_000
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: an API key and its request, or somebody at the command line."""

    who: str  # id of an API key; of a command, "user NAME"
    name: str  # what the key is for
    source: str  # address of the client; of a command, the machine
    request_id: str = ""


current_actor: ContextVar[Actor | None] = ContextVar("acting", default=None)
"""Set by the door for the time of a request; unset in a command."""


def record_audit_entry(redis: Redis, tenant: str, act: str, target: str = "", **details: Any) -> None:
    """Note an act that has been done.

    Parameters
    ----------
    redis, tenant
        Whose.
    act
        What was done, such as `policy.activate`.
    target
        To what: a name or version, never an id of a contact; those can be erased.
    details
        Counts and settings that say more.

    """
    actor, at = current_actor.get(), datetime.now(UTC)
    entry = {
        "at": at.isoformat(timespec="milliseconds"),
        "act": act,
        "target": target,
        **asdict(actor or _at_the_command_line()),
    }
    entry["details"] = details
    place = f"{round(at.timestamp() * 1e6):017d}-{secrets.token_hex(4)}"
    if actor is not None:  # a command has said on its own terminal what it did
        log.info("audit", tenant=tenant, **entry)
    key = TenantKeys(tenant).of("audit")
    trip = RoundTrip(redis)
    trip.add("ZADD", key, 0, place.encode() + b" " + orjson.dumps(entry))
    trip.add("ZREMRANGEBYRANK", key, 0, -KEPT_AUDIT_ENTRIES - 1)
    trip.send()


def read_audit_entries(
    redis: Redis, tenant: str, limit: int, before: str | None = None
) -> list[tuple[str, Mapping[str, Any]]]:
    """Read acts with their places, newest first, from before a place on."""
    trip = RoundTrip(redis)
    start = f"({before}" if before else "+"
    trip.add("ZRANGE", TenantKeys(tenant).of("audit"), start, "-", "BYLEX", "REV", "LIMIT", 0, limit)
    members: list[bytes] = trip.send()[0]
    split = [member.partition(b" ") for member in members]
    return [(place.decode(), orjson.loads(entry)) for place, _, entry in split]


def _at_the_command_line() -> Actor:
    try:
        user = getpass.getuser()
    except (OSError, KeyError, ImportError):  # in a container, a number without a name
        user = "unknown"
    return Actor(f"user {user}", "", socket.gethostname())
