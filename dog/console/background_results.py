"""Looks that take longer than a page may: done beside the requests, their last result kept."""

import threading
from collections.abc import Callable
from typing import Any

from dog.errors import DogError


class Errands:
    """The errands of one process, by name; one of a name at a time."""

    def __init__(self) -> None:
        self._results: dict[tuple[str, str], Any] = {}
        self._running: set[tuple[str, str]] = set()
        self._lock = threading.Lock()

    def begin(self, tenant: str, name: str, look: Callable[[], Any]) -> None:
        """Start looking, unless somebody already does; what was found before is forgotten."""
        at = (tenant, name)
        with self._lock:
            if at in self._running:
                return
            self._running.add(at)
            self._results.pop(at, None)
        threading.Thread(target=self._run, args=(at, look), daemon=True).start()

    def _run(self, at: tuple[str, str], look: Callable[[], Any]) -> None:
        try:
            self._results[at] = look()
        except DogError as error:
            self._results[at] = error
        finally:
            self._running.discard(at)

    def result(self, tenant: str, name: str) -> tuple[Any, bool]:
        """Give the last result (an error where the look failed, None where nobody has looked) and whether one runs."""
        running = (tenant, name) in self._running
        return self._results.get((tenant, name)), running
