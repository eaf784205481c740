"""The API keys a process has seen: spares a round trip where the tenant's head is read anyway, and helps while
Redis is away.
"""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime

from dog.errors import StoreUnavailable
from dog.storage.api_keys import ApiKey, authenticate, read_revocations
from dog.storage.connection import Redis

MOST_KEYS = 10_000
MAX_AWAY_MS = 8 * 86_400_000
"""A key not seen valid for so long opens nothing while Redis is away."""


@dataclass(frozen=True, slots=True)
class _Seen:
    key: ApiKey
    at_ms: int
    revocations: bytes | None  # the mark as it stood before the key was looked up
    marked: bool


class KeyCache:
    """Valid keys by hash, the most recent ones."""

    def __init__(self) -> None:
        self._seen: OrderedDict[bytes, _Seen] = OrderedDict()

    def authenticate(self, redis: Redis, key: str, now_ms: int) -> ApiKey:
        """Look a key up.

        Raises
        ------
        Unauthenticated
            The key is malformed, unknown, revoked or expired.
        StoreUnavailable
            Redis is away.

        """
        known = authenticate(redis, key, _instant(now_ms))
        self._keep(_hashed(key), _Seen(known, now_ms, None, marked=False))
        return known

    def authenticate_cached(self, redis: Redis, key: str, now_ms: int) -> ApiKey:
        """Take a key seen before for valid until `confirm` has the tenant's head; another is looked up.

        While Redis is away, one seen valid in the last days counts.

        Raises
        ------
        Unauthenticated, StoreUnavailable
            As `check`.

        """
        hashed = _hashed(key)
        seen = self._seen.get(hashed)
        counts = seen is not None and seen.key.is_valid_at(_instant(now_ms))
        if seen is not None and counts and seen.marked:
            return seen.key
        try:
            known = self.authenticate(redis, key, now_ms)
        except StoreUnavailable:
            if seen is not None and counts and now_ms - seen.at_ms <= MAX_AWAY_MS:
                return seen.key
            raise
        try:
            revocations = read_revocations(redis, known.tenant)
            known = authenticate(redis, key, _instant(now_ms))  # after the mark was read, so that none is missed
        except StoreUnavailable:
            return known
        self._keep(hashed, _Seen(known, now_ms, revocations, marked=True))
        return known

    def revalidate(self, redis: Redis, key: str, now_ms: int, revocations: bytes | None) -> None:
        """Hold an admitted key against the mark in the head that was read since.

        Raises
        ------
        Unauthenticated
            The key was revoked.

        """
        hashed = _hashed(key)
        seen = self._seen.get(hashed)
        if seen is None or not seen.marked or seen.revocations != revocations:
            self._seen.pop(hashed, None)
            self.authenticate_cached(redis, key, now_ms)

    def _keep(self, hashed: bytes, seen: _Seen) -> None:
        self._seen[hashed] = seen
        if len(self._seen) > MOST_KEYS:
            self._seen.popitem(last=False)


def _hashed(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()


def _instant(now_ms: int) -> datetime:
    return datetime.fromtimestamp(now_ms / 1000, UTC)
