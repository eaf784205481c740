"""A circuit breaker: while Redis is away, calls fail at once and one thread probes whether it is back.

Only the service's connection has one; jobs wait instead.
"""

import threading
import time
from collections.abc import Callable
from weakref import WeakKeyDictionary

from dog import metrics
from dog.errors import StoreUnavailable

FAILURES = 5
TIMEOUT_WEIGHT = 3
"""A call that timed out counts as three that were refused: the second opens the breaker."""
PROBE_SECONDS = 1.0


class Breaker:
    """Opens after five failures in a row (or two timeouts) and closes when a probe succeeds."""

    def __init__(self, probe: Callable[[], object], pause: Callable[[float], None] = time.sleep) -> None:
        self._probe, self._pause = probe, pause
        self._lock = threading.Lock()
        self._failures = 0
        self._open = False

    @property
    def is_open(self) -> bool:
        """Whether calls fail at once."""
        return self._open

    def check(self) -> None:
        """Raise `StoreUnavailable` if the breaker is open."""
        if self._open:
            raise StoreUnavailable(
                "Redis has not answered several times in a row; it is tried again every second", code="store_away"
            )

    def succeeded(self) -> None:
        """Record a call that was answered."""
        if self._failures:
            self._failures = 0

    def failed(self, weight: int = 1) -> None:
        """Record a call that was not answered."""
        with self._lock:
            self._failures += weight
            if self._open or self._failures < FAILURES:
                return
            self._open = True
            metrics.breaker_open.set(1)
        threading.Thread(target=self._probe_until_back, name="breaker", daemon=True).start()

    def _probe_until_back(self) -> None:
        while True:
            self._pause(PROBE_SECONDS)
            try:
                self._probe()
            except Exception:  # noqa: BLE001, S112  # any error means that Redis is not back
                continue
            with self._lock:
                self._failures, self._open = 0, False
                metrics.breaker_open.set(0)
            return


_breakers: WeakKeyDictionary[object, Breaker] = WeakKeyDictionary()


def attach_breaker(client: object, breaker: Breaker) -> None:
    """Use a breaker for all calls of a connection."""
    _breakers[client] = breaker


def breaker_of(client: object) -> Breaker | None:
    """Return the breaker of a connection, if it has one."""
    return _breakers.get(client)
