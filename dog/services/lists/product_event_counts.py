"""Past events of each product over all contacts, for limits by product; at most a minute old."""

from collections.abc import Iterable, Mapping

import numpy as np

from dog.core.events import EVENT_TYPES
from dog.core.rulebook.effect_context import EventWindow
from dog.storage.event_counts import day_of, read_daily_counts
from dog.storage.store import Store

EVERY_MS = 60_000


class ProductEventCounts:
    """The counts that a process caches, by tenant and window."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, EventWindow], tuple[int, int, np.ndarray]] = {}

    def of(
        self, store: Store, windows: Iterable[EventWindow], product_count: int, now_ms: int
    ) -> Mapping[EventWindow, np.ndarray]:
        """Count the events of each window by product, shape (products + 1,); read once a minute.

        A window of n days covers today and the n - 1 days before, in UTC.
        """
        counts = {}
        for window in windows:
            if window.by == "product":
                counts[window] = self._count(store, window, product_count, now_ms)
        return counts

    def _count(self, store: Store, window: EventWindow, product_count: int, now_ms: int) -> np.ndarray:
        place = (store.tenant.name, window)
        read_ms, products, counts = self._held.get(place, (0, -1, np.zeros(0, np.int64)))
        if products != product_count or not 0 <= now_ms - read_ms < EVERY_MS:
            today = day_of(now_ms)
            counts = read_daily_counts(store, today - window.days + 1, today, product_count)[EVENT_TYPES[window.event]]
            self._held[place] = (now_ms, product_count, counts)
        return counts
