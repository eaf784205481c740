"""Work for after the answer: in a thread of its own, bounded, and shed where it falls behind."""

import threading
from collections import deque
from collections.abc import Callable

import structlog

from dog.errors import DogError

DELAY_SECONDS = 0.2
"""Time for the decisions to be written first, and for answers that come in together to go out."""
MAX_WAITING = 500

log = structlog.get_logger()


class BackgroundTasks:
    """Does pieces of work one after the other, none of which an answer waits for; what waits at the end is lost."""

    def __init__(self) -> None:
        self._waiting: deque[Callable[[], None]] = deque()
        self._changed = threading.Condition()
        self._busy = False
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def add(self, work: Callable[[], None]) -> bool:
        """Take a piece of work; False where so much waits already that it is shed."""
        with self._changed:
            if len(self._waiting) >= MAX_WAITING or self._stopping.is_set():
                return False
            self._waiting.append(work)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="afterwards", daemon=True)
                self._thread.start()
            self._changed.notify_all()
        return True

    def finish(self, timeout_seconds: float = 10.0) -> bool:
        """Wait until nothing waits any more; whether that came to be."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._waiting and not self._busy, timeout_seconds)

    def close(self) -> None:
        """Let the thread end after the piece at hand."""
        self._stopping.set()
        with self._changed:
            self._waiting.clear()
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._stopping.is_set())
                self._busy = True
            self._stopping.wait(DELAY_SECONDS)
            while (work := self._next()) is not None:
                _do(work)
            with self._changed:
                self._busy = False
                self._changed.notify_all()

    def _next(self) -> Callable[[], None] | None:
        with self._changed:
            return self._waiting.popleft() if self._waiting and not self._stopping.is_set() else None


def _do(work: Callable[[], None]) -> None:
    try:
        work()
    except DogError as error:
        log.warning("afterwards_failed", reason=error.message)
    except Exception:
        log.exception("afterwards_failed")  # a fault of ours must not end the thread
