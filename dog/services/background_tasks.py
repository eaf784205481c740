"""Work that no answer waits for: bounded queues, each worked off by one daemon thread."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from dog.errors import DogError
from dog.log import log

RETRY_SECONDS = 1.0
MAX_TASKS = 500
TASK_DELAY_SECONDS = 0.2
"""Lets decisions be written first, and answers to simultaneous requests go out."""
MAX_RESULTS_WAITING = 100
BUG_MESSAGE = "something went wrong; the log has the details"

Item = TypeVar("Item")


class BackgroundQueue(ABC, Generic[Item]):
    """A bounded queue of items; the thread starts with the first one."""

    def __init__(self, name: str, *, limit: int, delay_seconds: float) -> None:
        self._name, self._limit, self._delay_seconds = name, limit, delay_seconds
        self._lock = threading.Lock()
        self._working = threading.Lock()  # held during `work`, so that a flush waits for it too
        self._waiting: list[Item] = []
        self._in_work = 0
        self._wake = threading.Event()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    @abstractmethod
    def work(self, items: list[Item]) -> list[Item]:
        """Process items, oldest first, and return those to try again later."""

    def put(self, item: Item) -> bool:
        """Queue an item, to be processed after `delay_seconds`; return False if the queue is full or closed."""
        with self._lock:
            if len(self._waiting) + self._in_work >= self._limit or self._closing.is_set():
                return False
            self._waiting.append(item)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
        self._wake.set()
        return True

    def flush(self) -> bool:
        """Process all items now, after those in progress; return False if some have to be tried again."""
        with self._working:
            with self._lock:
                items, self._waiting = self._waiting, []
                self._in_work = len(items)
            left: list[Item] = []
            try:
                left = self.work(items) if items else []
            except Exception:
                log.exception("background_work_failed", queue=self._name)  # a bug must not end the thread
            with self._lock:
                self._waiting = left + self._waiting
                self._in_work = 0
        return not left

    def close(self) -> None:
        """End the thread and process what waits; items that would have to be tried again are lost."""
        self._closing.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()
        self.flush()

    def _run(self) -> None:
        while not self._closing.is_set():
            self._wake.wait()
            self._wake.clear()
            self._closing.wait(self._delay_seconds)
            if not self.flush():
                self._closing.wait(RETRY_SECONDS)
                self._wake.set()


class BackgroundTasks(BackgroundQueue[Callable[[], None]]):
    """Calls to make after an answer, one after the other; those still waiting at close are dropped."""

    def __init__(self) -> None:
        super().__init__("background-tasks", limit=MAX_TASKS, delay_seconds=TASK_DELAY_SECONDS)

    def work(self, items: list[Callable[[], None]]) -> list[Callable[[], None]]:
        """Make the calls; one that raises is logged."""
        for task in items:
            if self._closing.is_set():
                break
            try:
                task()
            except DogError as error:
                log.warning("background_task_failed", reason=error.message)
            except Exception:
                log.exception("background_task_failed")
        return []


class BackgroundResults(BackgroundQueue[tuple[tuple[str, str], Callable[[], Any]]]):
    """The last result of slow look-ups by key; at most one look-up of a key waits or runs."""

    def __init__(self) -> None:
        super().__init__("background-results", limit=MAX_RESULTS_WAITING, delay_seconds=0)
        self._results: dict[tuple[str, str], Any] = {}
        self._running: set[tuple[str, str]] = set()
        self._done = threading.Condition()

    def start(self, key: tuple[str, str], look_up: Callable[[], Any]) -> None:
        """Forget the key's result and look it up again, unless that is under way."""
        with self._done:
            if key in self._running or not self.put((key, look_up)):
                return
            self._running.add(key)
            self._results.pop(key, None)

    def result(self, key: tuple[str, str], wait_seconds: float = 0) -> tuple[Any, bool]:
        """Return the last result, None before the first or the error of a failed one, and whether one is under way."""
        with self._done:
            self._done.wait_for(lambda: key not in self._running, wait_seconds)
            return self._results.get(key), key in self._running

    def close(self) -> None:
        """Start no more look-ups; do not wait for the one under way, which may take minutes."""
        self._closing.set()
        self._wake.set()

    def work(self, items: list[tuple[tuple[str, str], Callable[[], Any]]]) -> list[Any]:
        """Look up what waits, unless the process ends."""
        for key, look_up in items:
            found: Any = None
            try:
                found = None if self._closing.is_set() else look_up()
            except DogError as error:
                found = error
            except Exception:
                log.exception("background_result_failed", key=key)
                found = DogError(BUG_MESSAGE, code="internal_error")
            with self._done:
                self._results[key] = found
                self._running.discard(key)
                self._done.notify_all()
        return []
