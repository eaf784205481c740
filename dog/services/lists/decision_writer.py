"""Decisions written behind: an answer does not wait for the disk, and a kill loses at most the last flush.

Feedback never takes this way.
"""

import threading
from collections import Counter

import structlog

from dog.errors import StoreError
from dog.storage.decisions import KeptDecision, write_decisions
from dog.storage.store import Store

FLUSH_SECONDS = 0.05
RETRY_SECONDS = 1.0
MAX_WAITING = 20_000

log = structlog.get_logger()


class DecisionWriter:
    """Keeps decisions of one process in small batches, from a thread of its own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._writing = threading.Lock()  # held while a batch is on its way, so that a flush waits for it too
        self._waiting: list[tuple[Store, KeptDecision]] = []
        self._laps: Counter[tuple[str, bytes]] = Counter()
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def add(self, store: Store, decision: KeptDecision) -> None:
        """Take a decision; it is written within `FLUSH_SECONDS`."""
        with self._lock:
            if len(self._waiting) >= MAX_WAITING:
                log.error("decisions_dropped", count=1, reason="the store has not taken any for too long")
                return
            self._waiting.append((store, decision))
            self._laps[store.tenant.name, decision.contact] += 1
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="decision-writer", daemon=True)
                self._thread.start()
        self._wake.set()

    def waiting_laps(self, store: Store, contact: bytes) -> int:
        """Count the contact's decisions that are not written yet."""
        return self._laps[store.tenant.name, contact]

    def flush(self) -> None:
        """Write all that waits now, and what is on its way; what the store does not take waits on."""
        with self._writing:
            with self._lock:
                batch, self._waiting = self._waiting, []
            for store in {store.tenant.name: store for store, _ in batch}.values():
                self._write(store, [decision for other, decision in batch if other.tenant.name == store.tenant.name])

    def _write(self, store: Store, decisions: list[KeptDecision]) -> None:
        try:
            write_decisions(store, decisions)
        except StoreError as error:
            log.warning("decisions_wait", count=len(decisions), reason=error.message)
            self._put_back(store, decisions)
            return
        except Exception:
            # a fault of ours must not end the thread: what it cannot write is dropped, what comes next is not
            log.exception("decisions_dropped", count=len(decisions))
        with self._lock:
            self._laps.subtract((store.tenant.name, decision.contact) for decision in decisions)
            self._laps = +self._laps

    def _put_back(self, store: Store, decisions: list[KeptDecision]) -> None:
        """Let decisions wait on, the oldest first; beyond the bound the newest are dropped."""
        with self._lock:
            waiting = [(store, decision) for decision in decisions] + self._waiting
            self._waiting, dropped = waiting[:MAX_WAITING], waiting[MAX_WAITING:]
            self._laps.subtract((other.tenant.name, decision.contact) for other, decision in dropped)
        if dropped:
            log.error("decisions_dropped", count=len(dropped), reason="the store has not taken any for too long")

    def close(self) -> None:
        """Write what waits and let the thread end; what the store does not take now is lost."""
        self._stopping.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()
        self.flush()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.wait()
            self._wake.clear()
            self._stopping.wait(FLUSH_SECONDS)
            self.flush()
            if self._waiting:  # the store is away: try again, not in a hurry
                self._stopping.wait(RETRY_SECONDS)
                self._wake.set()
