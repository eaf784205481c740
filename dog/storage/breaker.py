"""A circuit breaker: while Redis is away calls fail at once, and one thread looks whether it is back.

Only the service's connection has one; a job rather waits.
"""

import threading
import time
from collections.abc import Callable
from weakref import WeakKeyDictionary

from dog import metrics
from dog.errors import StoreUnavailable

FAILURES = 5
TIMEOUT_WEIGHT = 3
"""A call that waited in vain counts as three that were refused: the second opens the breaker."""
PROBE_SECONDS = 1.0


class Breaker:
    """Counts failures in a row, and is open from the fifth on (or the second that timed out) until a probe succeeds."""

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
        """Let a call through.

        Raises
        ------
        StoreUnavailable
            It would only wait in vain.

        """
        if self._open:
            raise StoreUnavailable(
                "Redis has not answered several times in a row; it is looked for every second", code="store_away"
            )

    def succeeded(self) -> None:
        """Note a call that came back."""
        if self._failures:
            self._failures = 0

    def failed(self, weight: int = 1) -> None:
        """Note a call that did not; five in a row open the breaker."""
        with self._lock:
            self._failures += weight
            if self._open or self._failures < FAILURES:
                return
            self._open = True
            metrics.breaker_open.set(1)
        threading.Thread(target=self._look, name="breaker", daemon=True).start()

    def _look(self) -> None:
        while True:
            self._pause(PROBE_SECONDS)
            try:
                self._probe()
            except Exception:  # noqa: BLE001, S112  # whatever it is, Redis is not back
                continue
            with self._lock:
                self._failures, self._open = 0, False
                metrics.breaker_open.set(0)
            return


_breakers: WeakKeyDictionary[object, Breaker] = WeakKeyDictionary()


def attach_breaker(client: object, breaker: Breaker) -> None:
    """Give a connection its breaker."""
    _breakers[client] = breaker


def breaker_of(client: object) -> Breaker | None:
    """Find a connection's breaker; None where it has none."""
    return _breakers.get(client)
