"""Overlap Redis with arithmetic: read one item ahead, write one item behind."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Self, TypeVar

Item = TypeVar("Item")


def prefetch(items: Iterator[Item]) -> Iterator[Item]:
    """Iterate over items; another thread fetches the next one while the current one is worked on."""
    end = object()
    with ThreadPoolExecutor(1) as thread:
        coming: Future[Any] = thread.submit(next, items, end)
        while (item := coming.result()) is not end:
            coming = thread.submit(next, items, end)
            yield item


class WriteBehind:
    """Calls made in another thread, one at a time, in order; leaving its `with` waits for the last."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._last: Future[Any] | None = None

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def call(self, function: Callable[..., object], *arguments: Any) -> None:
        """Start a call once the one before has ended; raise what that one raised."""
        self._wait()
        self._last = self._thread.submit(function, *arguments)

    def __exit__(self, kind: object, *_: object) -> None:
        """Wait for the last call; raise what it raised, unless something was raised before."""
        self._thread.shutdown()
        if kind is None:
            self._wait()

    def _wait(self) -> None:
        if self._last is not None:
            self._last.result()
