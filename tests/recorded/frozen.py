"""The clock and the tenant's secret, fixed for a process and all its forks."""

import mmap
import secrets
import struct
import time
from datetime import UTC, datetime
from unittest.mock import patch

SECRET_BYTES = 32
SECRET = bytes(range(SECRET_BYTES))
NANOSECONDS = struct.Struct("<q")


class SharedClock:
    """A time that stands still until it is set; forks of the process see the same."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, NANOSECONDS.size)

    def read_ns(self) -> int:
        """Return nanoseconds since 1970."""
        found: int = NANOSECONDS.unpack_from(self._memory)[0]
        return found

    def set(self, moment: datetime) -> None:
        """Go to an instant."""
        NANOSECONDS.pack_into(self._memory, 0, round(moment.timestamp() * 1000) * 1_000_000)

    def advance(self, seconds: float) -> None:
        """Go forward."""
        NANOSECONDS.pack_into(self._memory, 0, self.read_ns() + round(seconds * 1000) * 1_000_000)

    @property
    def now(self) -> datetime:
        """Return the instant in UTC."""
        return datetime.fromtimestamp(self.read_ns() / 1e9, UTC)


def freeze(clock: SharedClock) -> None:
    """Make this process and its forks read the shared clock, and make every secret of 32 bytes the same.

    Shorter random values (ids of decisions, jobs and runs) stay random: `masks.py` hides them.
    """
    random_bytes = secrets.token_bytes

    def token_bytes(count: int | None = None) -> bytes:
        return SECRET if count in (None, SECRET_BYTES) else random_bytes(count)

    patch.object(time, "time_ns", clock.read_ns).start()
    patch.object(time, "time", lambda: clock.read_ns() / 1e9).start()
    patch.object(secrets, "token_bytes", token_bytes).start()
