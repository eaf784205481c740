"""Decisions written behind: an answer does not wait for the disk, and a kill loses at most the last 50 ms.

Feedback is never written this way.
"""

from collections import Counter

from dog.errors import StoreError
from dog.log import log
from dog.services.background_tasks import BackgroundQueue
from dog.storage.decisions import KeptDecision, write_decisions
from dog.storage.store import Store

FLUSH_SECONDS = 0.05
MAX_WAITING = 20_000


class DecisionWriter(BackgroundQueue[tuple[Store, KeptDecision]]):
    """Writes the decisions of this process in batches; while Redis is away up to `MAX_WAITING` wait."""

    def __init__(self) -> None:
        super().__init__("decision-writer", limit=MAX_WAITING, delay_seconds=FLUSH_SECONDS)
        self._laps: Counter[tuple[str, bytes]] = Counter()

    def add(self, store: Store, decision: KeptDecision) -> None:
        """Write a decision within `FLUSH_SECONDS`."""
        self._count([(store, decision)], 1)
        if not self.put((store, decision)):
            self._count([(store, decision)], -1)
            log.error("decisions_dropped", count=1, reason="the store has not taken any for too long")

    def waiting_laps(self, store: Store, contact: bytes) -> int:
        """Count the contact's decisions that are not written yet."""
        return self._laps[store.tenant.name, contact]

    def work(self, items: list[tuple[Store, KeptDecision]]) -> list[tuple[Store, KeptDecision]]:
        """Write decisions tenant by tenant; return those that the store does not take."""
        left = []
        for store in {store.tenant.name: store for store, _ in items}.values():
            own = [item for item in items if item[0].tenant.name == store.tenant.name]
            try:
                write_decisions(store, [decision for _, decision in own])
            except StoreError as error:
                log.warning("decisions_wait", count=len(own), reason=error.message)
                left += own
                continue
            except Exception:
                # a bug must not end the thread: what it cannot write is dropped, what comes next is not
                log.exception("decisions_dropped", count=len(own))
            self._count(own, -1)
        return left

    def _count(self, items: list[tuple[Store, KeptDecision]], change: int) -> None:
        with self._lock:
            for store, decision in items:
                self._laps[store.tenant.name, decision.contact] += change
            if change < 0:
                self._laps = +self._laps  # without zeros
