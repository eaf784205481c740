"""API keys: shown once, stored as a hash, bound to one tenant and its scopes; and the console sessions they open."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import orjson

from dog.errors import InvalidInput, NotFound, Unauthenticated
from dog.storage.audit_log import record_audit_entry
from dog.storage.connection import Redis
from dog.storage.keys import API_KEYS, SESSION, TenantKeys
from dog.storage.round_trip import execute

SCOPES = ("recommend", "feedback", "read", "admin", "actors")
DEFAULT_SCOPES = SCOPES[:4]
"""Without `actors`: a key that vouches for several voters is made on purpose."""
REVOCATIONS = b"revoked_keys"
MAX_NAME_CHARACTERS = 256
SESSION_SECONDS = 12 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """The stored record of a key, without the key."""

    key_id: str
    tenant: str
    name: str
    scopes: tuple[str, ...]
    sha256: str
    created_at: str
    expires_at: str | None = None
    revoked_at: str | None = None
    per_second: int | None = None  # requests; None: the default, only while other tenants send requests

    def is_valid_at(self, now: datetime) -> bool:
        """Return whether the key is neither revoked nor expired."""
        expired = self.expires_at is not None and datetime.fromisoformat(self.expires_at) <= now
        return self.revoked_at is None and not expired


LOCAL_KEY = ApiKey(key_id="local", tenant="default", name="local", scopes=SCOPES, sha256="", created_at="")
"""Stands for the key of requests under DOG_AUTH=off."""


def create_key(
    redis: Redis,
    tenant: str,
    name: str,
    scopes: tuple[str, ...],
    expires_at: datetime | None,
    now: datetime,
    per_second: int | None = None,
) -> str:
    """Create a key and return it; only its hash is stored. Raise `InvalidInput` for an unknown scope or a bad name."""
    if len(name) > MAX_NAME_CHARACTERS or not name.isprintable():
        raise InvalidInput(f"the name of a key may have {MAX_NAME_CHARACTERS} printable characters, and no line's end")
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown or not scopes:
        raise InvalidInput(f"unknown scope '{', '.join(unknown)}'; the scopes are {', '.join(SCOPES)}")
    key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    key = f"dog_{key_id}_{secret}"
    record = ApiKey(
        key_id=key_id,
        tenant=tenant,
        name=name,
        scopes=scopes,
        sha256=hashlib.sha256(key.encode()).hexdigest(),
        created_at=now.isoformat(timespec="seconds"),
        expires_at=expires_at.astimezone(UTC).isoformat(timespec="seconds") if expires_at else None,
        per_second=per_second,
    )
    _write(redis, record)
    record_audit_entry(
        redis, tenant, "key.create", key_id, name=name, scopes=list(scopes), expires_at=record.expires_at
    )
    return key


def list_keys(redis: Redis, tenant: str) -> list[ApiKey]:
    """Return a tenant's keys, oldest first."""
    keys = map(_parse, execute(redis, "HVALS", API_KEYS))
    return sorted((key for key in keys if key.tenant == tenant), key=lambda key: key.created_at)


def revoke_key(redis: Redis, tenant: str, key_id: str, now: datetime) -> None:
    """Revoke a key; raise `NotFound` if the tenant has no such key."""
    key = _read(redis, key_id)
    if key is None or key.tenant != tenant:
        raise NotFound(f"tenant '{tenant}' has no key '{key_id}'; see: dog keys list", code="unknown_key")
    _write(redis, replace(key, revoked_at=now.isoformat(timespec="seconds")))
    execute(redis, "HINCRBY", TenantKeys(tenant).of("head"), REVOCATIONS, 1)
    record_audit_entry(redis, tenant, "key.revoke", key_id, name=key.name)


def read_revocations(redis: Redis, tenant: str) -> bytes | None:
    """Read the counter in the tenant's head that changes with every revocation of one of its keys."""
    count: bytes | None = execute(redis, "HGET", TenantKeys(tenant).of("head"), REVOCATIONS)
    return count


def authenticate(redis: Redis, key: str, now: datetime) -> ApiKey:
    """Return the record of a presented key; raise `Unauthenticated` if it is malformed, unknown, revoked or expired.

    All of these have the same error and the same steps, so that timing tells nothing.
    """
    known = read_claimed_key(redis, key)
    expected = known.sha256 if known else "0" * 64
    same = hmac.compare_digest(hashlib.sha256(key.encode()).hexdigest(), expected)
    if known is None or not same or not known.is_valid_at(now):
        raise Unauthenticated("the API key is not valid; create one: dog keys create")
    return known


def read_claimed_key(redis: Redis, key: str) -> ApiKey | None:
    """Read the record whose id a presented key contains, without checking the secret; None if there is none."""
    parts = key.split("_", 2)
    key_id = parts[1] if len(parts) == 3 and parts[0] == "dog" else "-"
    return _read(redis, key_id)


def find_key(redis: Redis, key_id: str, now: datetime) -> ApiKey:
    """Read the key of a session by its id; raise `Unauthenticated` if it was revoked or has expired."""
    known = _read(redis, key_id)
    if known is None or not known.is_valid_at(now):
        raise Unauthenticated("the API key of this session is no longer valid; log in with another")
    return known


def _parse(record: bytes) -> ApiKey:
    fields = orjson.loads(record)
    return ApiKey(**{**fields, "scopes": tuple(fields["scopes"])})


def _read(redis: Redis, key_id: str) -> ApiKey | None:
    record = execute(redis, "HGET", API_KEYS, key_id)
    return _parse(record) if record is not None else None


def _write(redis: Redis, key: ApiKey) -> None:
    execute(redis, "HSET", API_KEYS, key.key_id, orjson.dumps({name: getattr(key, name) for name in key.__slots__}))


def create_session(redis: Redis, key_id: str) -> str:
    """Create a session of a key and return its token; only the token's hash is stored."""
    token = secrets.token_urlsafe(32)
    execute(redis, "SET", _session_key(token), key_id, "EX", SESSION_SECONDS)
    return token


def read_session_key_id(redis: Redis, token: str) -> str:
    """Read the id of a session's key, which may have been revoked; raise `Unauthenticated` if there is no session."""
    key_id = execute(redis, "GET", _session_key(token))
    if key_id is None:
        raise Unauthenticated("the session has ended; log in again")
    return str(key_id.decode())


def delete_session(redis: Redis, token: str) -> None:
    """Delete a session."""
    execute(redis, "DEL", _session_key(token))


def _session_key(token: str) -> bytes:
    return SESSION + hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest().encode()
