"""How often a key may ask, counted without a round trip in memory that the workers of one server share.

One number a key (the generic cell rate algorithm): the instant at which all it was given will have been earned.
Two workers that count at the very same moment may lose a count; a lock would cost more than it is worth.
"""

import hashlib
import math
import mmap
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from dog.storage.api_keys import ApiKey

DEFAULT_PER_SECOND = 100
"""What a key without a limit of its own may ask for while another tenant asks as well; alone it may use all."""
OTHERS_SECONDS = 1.0
EVENTS_OR_ROWS_A_UNIT = 10
FILE = "limits.bin"
SLOTS = 1 << 16
TRIES = 16
HEAD = 4  # the two tenants that asked last, each with its instant
WORDS = HEAD + 2 * SLOTS  # of 8 bytes


class Allowance(NamedTuple):
    """What a key has left."""

    limit: int  # a second
    remaining: int
    seconds_to_full: float
    seconds_to_wait: float  # 0 where the request may go on


class RateLimits:
    """What the keys have used.

    Parameters
    ----------
    folder
        Shared by the workers of one server; None where the process is alone.
    clock
        Seconds; the same in all workers, and never set back.

    """

    def __init__(self, folder: Path | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        memory = memoryview(_map(folder))
        self._names, self._instants = memory.cast("Q"), memory.cast("d")
        self._clock = clock
        self._places: dict[str, int] = {}

    def take(self, key: ApiKey) -> Allowance:
        """Count a request of the key, unless it has to wait."""
        now = self._clock()
        place = self._place(key.key_id)
        limit = key.per_second or DEFAULT_PER_SECOND
        is_bound = key.per_second is not None or self._others_ask(key.tenant, now)
        earned = max(self._instants[place], now)
        wait = earned - now + 1 / limit - 1.0
        if is_bound and wait > 1e-9:
            return Allowance(limit, 0, earned - now, wait)
        earned += 1 / limit
        if not is_bound:
            earned = min(earned, now + 1.0)  # what nobody else wanted is not owed
        self._instants[place] = earned
        return Allowance(limit, max(0, math.floor((now + 1.0 - earned) * limit + 1e-9)), earned - now, 0.0)

    def charge(self, key: ApiKey, units: float) -> None:
        """Count more of a request that was let in, as its size becomes known; the next ones wait for it."""
        place, now = self._place(key.key_id), self._clock()
        limit = key.per_second or DEFAULT_PER_SECOND
        earned = max(self._instants[place], now) + units / limit
        if key.per_second is None and not self._others_ask(key.tenant, now):
            earned = min(earned, now + 1.0)
        self._instants[place] = earned

    def _others_ask(self, tenant: str, now: float) -> bool:
        """Note who asks, and tell whether another tenant has within the last second."""
        me = _name(tenant)
        if self._names[0] != me:
            self._names[2], self._instants[3] = self._names[0], self._instants[1]
            self._names[0] = me
        self._instants[1] = now
        return self._names[2] not in (0, me) and now - self._instants[3] < OTHERS_SECONDS

    def _place(self, key_id: str) -> int:
        """Find the key's number; where the table is crowded it shares one with another key."""
        if key_id in self._places:
            return self._places[key_id]
        name = _name(key_id)
        for step in range(TRIES):
            place = HEAD + 2 * ((name + step) % SLOTS)
            if self._names[place] in (0, name):
                break
        self._names[place] = name
        self._places[key_id] = place + 1
        return place + 1


def _name(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest()) or 1


def _map(folder: Path | None) -> mmap.mmap:
    if folder is None:
        return mmap.mmap(-1, WORDS * 8)
    with (folder / FILE).open("a+b") as file:
        file.truncate(WORDS * 8)
        return mmap.mmap(file.fileno(), WORDS * 8)
