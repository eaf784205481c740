"""Rate limits by key, counted without a round trip in memory shared by the workers of one server.

The generic cell rate algorithm: one number a key, the time at which everything it used will be earned. Two workers that
count at the same moment may lose a count; a lock would cost more than that.
"""

import hashlib
import mmap
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from dog.storage.api_keys import ApiKey

DEFAULT_PER_SECOND = 100
"""Limit of a key without its own while another tenant sends requests; otherwise it has no limit."""
OTHERS_SECONDS = 1.0
EVENTS_OR_ROWS_A_UNIT = 10
FILE = "limits.bin"
SLOTS = 1 << 16
TRIES = 16
HEAD = 4  # the last two tenants, each with the time of its last request
WORDS = HEAD + 2 * SLOTS  # of 8 bytes


class Allowance(NamedTuple):
    """What is left of a key's limit."""

    limit: int  # a second
    remaining: int
    seconds_to_full: float
    seconds_to_wait: float  # 0 if the request may proceed


class RateLimits:
    """Counters of all keys, in a folder shared by the workers of one server (None: this process alone).

    `clock` returns seconds, the same in all workers, and never goes back.
    """

    def __init__(self, folder: Path | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        memory = memoryview(_map(folder))
        self._names, self._instants = memory.cast("Q"), memory.cast("d")
        self._clock = clock
        self._places: dict[str, int] = {}

    def take(self, key: ApiKey) -> Allowance:
        """Count a request, unless it has to wait."""
        now, place = self._clock(), self._place(key.key_id)
        limit = key.per_second or DEFAULT_PER_SECOND
        is_bound = key.per_second is not None or self._others_active(key.tenant, now)
        owed = max(self._instants[place] - now, 0.0)
        if is_bound and (wait := owed + 1 / limit - 1.0) > 1e-9:
            return Allowance(limit, 0, owed, wait)
        owed += 1 / limit
        if not is_bound:
            owed = min(owed, 1.0)  # what no other tenant needed is not owed
        self._instants[place] = now + owed
        return Allowance(limit, int(max(0.0, 1.0 - owed) * limit + 1e-9), owed, 0.0)

    def charge(self, key: ApiKey, units: float) -> None:
        """Count more for a request that proceeded, once its size is known; the next requests wait for it."""
        place, now = self._place(key.key_id), self._clock()
        limit = key.per_second or DEFAULT_PER_SECOND
        earned = max(self._instants[place], now) + units / limit
        if key.per_second is None and not self._others_active(key.tenant, now):
            earned = min(earned, now + 1.0)
        self._instants[place] = earned

    def _others_active(self, tenant: str, now: float) -> bool:
        """Record the tenant, and return whether another one sent a request within the last second."""
        me = _name(tenant)
        if self._names[0] != me:
            self._names[2], self._instants[3] = self._names[0], self._instants[1]
            self._names[0] = me
        self._instants[1] = now
        return self._names[2] not in (0, me) and now - self._instants[3] < OTHERS_SECONDS

    def _place(self, key_id: str) -> int:
        """Return the key's slot; in a crowded table it may share one with another key."""
        if (known := self._places.get(key_id)) is not None:
            return known
        name = _name(key_id)
        for step in range(TRIES):
            place = HEAD + 2 * ((name + step) % SLOTS)
            if self._names[place] in (0, name):
                break
        self._names[place] = name
        self._places[key_id] = place + 1
        return place + 1


@lru_cache(maxsize=4096)
def _name(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest()) or 1


def _map(folder: Path | None) -> mmap.mmap:
    if folder is None:
        return mmap.mmap(-1, WORDS * 8)
    with (folder / FILE).open("a+b") as file:
        file.truncate(WORDS * 8)
        return mmap.mmap(file.fileno(), WORDS * 8)
