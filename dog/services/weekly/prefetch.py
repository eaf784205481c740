"""Waiting for Redis while there is something else to do: reading one step ahead, writing one step behind."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Self, TypeVar

Thing = TypeVar("Thing")


def read_ahead(things: Iterator[Thing]) -> Iterator[Thing]:
    """Go through things, fetching the next in another thread while the one before is worked on."""
    end = object()
    with ThreadPoolExecutor(1) as thread:
        coming: Future[Any] = thread.submit(next, things, end)
        while (thing := coming.result()) is not end:
            coming = thread.submit(next, things, end)
            yield thing


class WriteBehind:
    """Calls made in another thread, one at a time, in order; used inside a `with`, which waits for the last."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._last: Future[Any] | None = None

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def call(self, function: Callable[..., object], *arguments: Any) -> None:
        """Make a call once the one before is done; raises what that one raised."""
        self._settle()
        self._last = self._thread.submit(function, *arguments)

    def __exit__(self, kind: object, *_: object) -> None:
        """Wait for the last call; where all went well so far, raise what it raised."""
        self._thread.shutdown()
        if kind is None:
            self._settle()

    def _settle(self) -> None:
        if self._last is not None:
            self._last.result()
