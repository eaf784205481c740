"""Cache of valid API keys: saves a round trip where the tenant's head is read anyway, and works without Redis."""

import hashlib
import math
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime

from dog.errors import StoreUnavailable
from dog.storage.api_keys import ApiKey, authenticate, read_revocations
from dog.storage.connection import Redis

MAX_KEYS = 10_000
MAX_AWAY_MS = 8 * 86_400_000
"""While Redis is away, a key counts if it was valid within this time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedKey:
    """A key that was valid, and what shows that it may not be valid any more."""

    key: ApiKey
    at_ms: int  # when it was last valid
    expires_ms: float
    revocations: bytes | None  # the tenant's revocation counter, read before the key
    has_counter: bool


class KeyCache:
    """The most recent valid keys, by hash."""

    def __init__(self) -> None:
        self._seen: OrderedDict[bytes, CachedKey] = OrderedDict()

    def find(self, key: str, now_ms: int) -> CachedKey | None:
        """Return a cached key, to be confirmed once the tenant's head is read; None if there is none."""
        seen = self._seen.get(_hashed(key))
        return seen if seen is not None and seen.has_counter and now_ms < seen.expires_ms else None

    def authenticate(self, redis: Redis, key: str, now_ms: int) -> ApiKey:
        """Look up a key in Redis; raise `Unauthenticated` or `StoreUnavailable`."""
        known = authenticate(redis, key, _instant(now_ms))
        self._keep(key, known, now_ms)
        return known

    def authenticate_cached(self, redis: Redis, key: str, now_ms: int) -> ApiKey:
        """Return a cached key, to be passed to `revalidate` once the tenant's head is read, or look it up.

        While Redis is away, a key that was valid in the last eight days counts. Raise as `authenticate` does.
        """
        if (cached := self.find(key, now_ms)) is not None:
            return cached.key
        seen = self._seen.get(_hashed(key))
        try:
            known = self.authenticate(redis, key, now_ms)
        except StoreUnavailable:
            if seen is not None and now_ms < seen.expires_ms and now_ms - seen.at_ms <= MAX_AWAY_MS:
                return seen.key
            raise
        try:
            revocations = read_revocations(redis, known.tenant)
            known = authenticate(redis, key, _instant(now_ms))  # after the counter, so that no revocation is missed
        except StoreUnavailable:
            return known
        self._keep(key, known, now_ms, revocations=revocations, has_counter=True)
        return known

    def revalidate(self, redis: Redis, key: str, now_ms: int, revocations: bytes | None) -> None:
        """Look up a cached key again if the tenant's revocation counter has changed; raise as `authenticate` does."""
        hashed = _hashed(key)
        seen = self._seen.get(hashed)
        if seen is None or not seen.has_counter or seen.revocations != revocations:
            self._seen.pop(hashed, None)
            self.authenticate_cached(redis, key, now_ms)

    def _keep(
        self, key: str, known: ApiKey, now_ms: int, *, revocations: bytes | None = None, has_counter: bool = False
    ) -> None:
        self._seen[_hashed(key)] = CachedKey(
            key=known,
            at_ms=now_ms,
            expires_ms=datetime.fromisoformat(known.expires_at).timestamp() * 1000 if known.expires_at else math.inf,
            revocations=revocations,
            has_counter=has_counter,
        )
        if len(self._seen) > MAX_KEYS:
            self._seen.popitem(last=False)


def _hashed(key: str) -> bytes:
    """Hash a key: what memory holds cannot be used as a key. BLAKE2b takes half the time of SHA-256."""
    return hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=32).digest()


def _instant(now_ms: int) -> datetime:
    return datetime.fromtimestamp(now_ms / 1000, UTC)
