"""Steps of every request that need no Flask: `request_guard.py` and `list_route.py` take them."""

import math
import re
from functools import lru_cache

from dog import metrics
from dog.log import log, log_context
from dog.services.lists.snapshot import Snapshots
from dog.services.operations.key_cache import CachedKey, KeyCache
from dog.services.operations.rate_limits import Allowance
from dog.services.runtime import Runtime, system_clock
from dog.storage.api_keys import REVOCATIONS, ApiKey
from dog.storage.audit_log import Actor, current_actor
from dog.storage.ids import new_id

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
QUIET_ROUTES = frozenset({"/health/live", "/health/ready", "/metrics"})
"""Requested every few seconds by machines: logged only if they fail."""
FOR_BROWSERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "object-src 'none'; base-uri 'none'; frame-ancestors 'none'"),
)
"""A browser neither guesses what a response is nor shows it in a page of another site."""
NOT_KEPT = ("Cache-Control", "no-store")
"""Of every response to a key: caches do not keep a tenant's data."""


def request_id_of(given: str) -> str:
    """Return the request id that the client has given, or a new one."""
    return given if given and REQUEST_ID.fullmatch(given) else new_id(8)


def bearer_key(authorization: str) -> str:
    """Return the key in a header Authorization; empty if there is none."""
    kind, _, key = authorization.partition(" ")
    return key.strip() if kind.lower() == "bearer" else ""


def set_actor(key: ApiKey, *, source: str, request_id: str) -> None:
    """Name who asks in the log lines and audit entries of this request."""
    log_context.set({"request_id": request_id, "tenant": key.tenant, "key_id": key.key_id})
    current_actor.set(Actor(key.key_id, key.name, source, request_id=request_id))


def confirm_key(context: Runtime, tenant: str, presented_key: str, cached: CachedKey | None = None) -> None:
    """Check a cached key against the tenant's head that has just been read; raise Unauthenticated if it is revoked."""
    if context.settings.auth == "off":
        return
    held = context.shared(Snapshots).cached(context.store(tenant))
    mark = held.head.get(REVOCATIONS) if held else None
    if cached is None or cached.revocations != mark:
        context.shared(KeyCache).revalidate(context.redis, presented_key, system_clock(), mark)


def answer_headers(request_id: str, allowance: Allowance | None) -> list[tuple[str, str]]:
    """Return the headers that every answer has: its request id, those for browsers, what is left of the key's limit."""
    if allowance is None:
        return [("X-Request-Id", request_id), *FOR_BROWSERS]
    limit, remaining, seconds_to_full, seconds_to_wait = allowance
    told = _rate_limit_headers(limit, remaining, math.ceil(seconds_to_full), math.ceil(seconds_to_wait))
    return [("X-Request-Id", request_id), *FOR_BROWSERS, NOT_KEPT, *told]


@lru_cache(maxsize=1024)
def _rate_limit_headers(limit: int, remaining: int, reset: int, wait: int) -> tuple[tuple[str, str], ...]:
    """Return the headers of a rate limit: those in common use, and those of the IETF draft."""
    headers = (
        ("RateLimit-Limit", str(limit)),
        ("RateLimit-Remaining", str(remaining)),
        ("RateLimit-Reset", str(reset)),
        ("RateLimit-Policy", f'"key";q={limit};w=1'),
        ("RateLimit", f'"key";r={remaining};t={reset}'),
    )
    return (*headers, ("Retry-After", str(wait))) if wait else headers


def record_request(method: str, route: str, status: int, seconds: float) -> None:
    """Count and log a request that has been answered."""
    metrics.request_seconds(route, method, status).observe(seconds)
    if route not in QUIET_ROUTES or status >= 500:
        log.info("request", method=method, route=route, status=status, ms=int(seconds * 100_000) / 100)
