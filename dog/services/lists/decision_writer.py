"""Decisions written behind: an answer does not wait for the disk, and a kill loses at most the last 50 ms.

Feedback is never written this way.
"""

from dog.errors import StoreError
from dog.log import log
from dog.services.background_tasks import BackgroundQueue
from dog.storage.decisions import KeptDecision, write_decisions, write_new_decisions
from dog.storage.store import Store

FLUSH_SECONDS = 0.02
MAX_WAITING = 20_000
MOST_TOGETHER = 50
"""Decisions in one round trip: requests wait no longer than it takes to put these together."""


class DecisionWriter(BackgroundQueue[tuple[Store, KeptDecision]]):
    """Writes the decisions of this process in batches; while Redis is away up to `MAX_WAITING` wait."""

    def __init__(self) -> None:
        super().__init__("decision-writer", limit=MAX_WAITING, delay_seconds=FLUSH_SECONDS)
        self._laps: dict[tuple[str, bytes], int] = {}
        self._some_written = False  # after an error: what is written again must not count twice

    def add(self, store: Store, decision: KeptDecision) -> None:
        """Write a decision within `FLUSH_SECONDS`."""
        self._count([(store, decision)], 1)
        if not self.put((store, decision)):
            self._count([(store, decision)], -1)
            log.error("decisions_dropped", count=1, reason="the store has not taken any for too long")

    def waiting_laps(self, store: Store, contact: bytes) -> int:
        """Count the contact's decisions that are not written yet."""
        return self._laps.get((store.tenant.name, contact), 0)

    def work(self, items: list[tuple[Store, KeptDecision]]) -> list[tuple[Store, KeptDecision]]:
        """Write decisions tenant by tenant; return those that the store does not take."""
        left = []
        for store in {store.tenant.name: store for store, _ in items}.values():
            own = [item for item in items if item[0].tenant.name == store.tenant.name]
            while own and self._write(store, own[:MOST_TOGETHER]):
                own = own[MOST_TOGETHER:]
            left += own
        self._some_written = bool(left)
        return left

    def _write(self, store: Store, items: list[tuple[Store, KeptDecision]]) -> bool:
        """Write some decisions of a tenant; return whether they need not be tried again."""
        write = write_decisions if self._some_written else write_new_decisions
        try:
            write(store, [decision for _, decision in items])
        except StoreError as error:
            log.warning("decisions_wait", count=len(items), reason=error.message)
            return False
        except Exception:
            # a bug must not end the thread: what it cannot write is dropped, what comes next is not
            log.exception("decisions_dropped", count=len(items))
        self._count(items, -1)
        return True

    def _count(self, items: list[tuple[Store, KeptDecision]], change: int) -> None:
        with self._lock:
            for store, decision in items:
                contact = store.tenant.name, decision.contact
                waiting = self._laps.get(contact, 0) + change
                if waiting:
                    self._laps[contact] = waiting
                else:
                    self._laps.pop(contact, None)
