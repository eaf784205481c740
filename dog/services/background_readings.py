"""Figures that take long to read: read in the background, with progress, and kept until they are old."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from dog.core.bounded_cache import remember
from dog.errors import DogError
from dog.services.background_tasks import BackgroundResults

WAIT_SECONDS = 0.5
"""Figures of small tenants are there with the page."""

Figures = TypeVar("Figures")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading(Generic[Figures]):
    """The last figures, if there are any, and how far new ones are."""

    figures: Figures | None = None
    error: str = ""
    progress: float | None = None  # None while nothing is read


class BackgroundReadings(Generic[Figures]):
    """The last figures of each key, such as tenant and policy; one reading at a time."""

    def __init__(self, *, most: int) -> None:
        self._most = most  # figures to keep
        self._found = BackgroundResults()
        self._last: dict[tuple[str, str], Figures] = {}
        self._progress: dict[tuple[str, str], float] = {}
        self._failed: set[tuple[str, str]] = set()  # keys of failed look-ups whose error nobody has seen

    def read(
        self,
        key: tuple[str, str],
        look_up: Callable[[Callable[[float], None]], Figures],
        is_old: Callable[[Figures], bool],
    ) -> Reading[Figures]:
        """Return the figures of a key; start to look up new ones where there are none, or they are old.

        `look_up` is given a function to be called with the share that is done. A failed one is reported once before the
        next one starts, as a page that asks again and again would never show why it fails.
        """

        def note(share: float) -> None:
            self._progress[key] = share

        def keep() -> None:
            self._failed.add(key)
            remember(self._last, key, look_up(note), most=self._most)
            self._failed.discard(key)

        last = self._last.get(key)
        found, running = self._found.result(key)
        if not running and key not in self._failed and (last is None or is_old(last)):
            note(0.0)
            self._found.start(key, keep)
            found, running = self._found.result(key, WAIT_SECONDS)
        if not running:
            self._failed.discard(key)
        progress = self._progress.get(key, 0.0) if running else None
        error = found.message if isinstance(found, DogError) else ""
        return Reading(figures=self._last.get(key), error=error, progress=progress)

    def close(self) -> None:
        """Start no more look-ups."""
        self._found.close()
