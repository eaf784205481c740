"""Mixed load: lists, feedback on them, late history, recomputes and what the console reads, at fixed rates."""

import random
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from tests.faults.journal import Journal
from tests.faults.worlds import World, some_event

CONTACTS, PRODUCTS = 500, 20
LISTS_PER_SECOND, FEEDBACK_PER_SECOND, READS_PER_SECOND = 8.0, 4.0, 2.0
RECOMPUTE_SECONDS = 120.0
READS = (
    "/v1/multipliers?limit=100",
    "/v1/multipliers/versions",
    "/v1/verdicts",
    "/v1/runs",
    "/v1/jobs",
    "/v1/audit",
    "/v1/contacts/export?contact_id=c1",
    "/metrics",
    "/console/",
    "/console/desk",
    "/console/pairs",
)


def load_data(here: World) -> None:
    """Load products, contacts and scores of two models."""
    products = [{"product_id": f"p{p}", "category": f"g{p % 4}", "value": 10.0 + p} for p in range(PRODUCTS)]
    contacts = [{"contact_id": f"c{c}", "account_id": f"a{c // 5}", "segment": f"s{c % 3}"} for c in range(CONTACTS)]
    today = datetime.now(UTC).date().isoformat()
    chance = random.Random(1)
    scores = [
        {
            "contact_id": f"c{c}",
            "product_id": f"p{p}",
            "model": model,
            "score": round(chance.random(), 3),
            "as_of": today,
        }
        for c in range(CONTACTS)
        for p in range(PRODUCTS)
        for model in ("cf", "frequency")
    ]
    for kind, rows in (("products", products), ("contacts", contacts), ("scores", scores)):
        for start in range(0, len(rows), 1000):
            status, answer = here.call(f"/v1/{kind}", rows[start : start + 1000], seconds=60)
            assert status == 200, answer


class MixedLoad:
    """Threads that make calls until stopped; what they were answered and how long that took."""

    def __init__(self, here: World, journal: Journal, seed: int) -> None:
        self.here, self.journal = here, journal
        self.lists = self.failed = 0
        self.sent: set[str] = set()
        self._chance = random.Random(seed)
        self._shown: list[Mapping[str, Any]] = []  # items of the latest lists
        self._took: dict[str, list[float]] = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._repeat, args=(per_second, act))
            for per_second, act in (
                (LISTS_PER_SECOND, self._list),
                (FEEDBACK_PER_SECOND, self._feedback),
                (READS_PER_SECOND, self._read),
                (1 / RECOMPUTE_SECONDS, self._recompute),
            )
        ]

    def start(self) -> None:
        """Start the threads."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop the threads and wait for them."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def take_times(self) -> dict[str, list[float]]:
        """Return the milliseconds that calls took since this was last asked, by kind."""
        with self._lock:
            took, self._took = self._took, {}
        return took

    def _repeat(self, per_second: float, act: Callable[[], None]) -> None:
        due = time.monotonic()
        while not self._stopping.wait(max(0.0, due - time.monotonic())):
            act()
            due = max(due + 1 / per_second, time.monotonic() - 1)  # no burst after a pause

    def _call(self, kind: str, path: str, body: Any = None) -> tuple[int, Any]:
        began = time.perf_counter()
        status, answer = self.here.call(path, body, seconds=30)
        with self._lock:
            self._took.setdefault(kind, []).append(1000 * (time.perf_counter() - began))
            self.failed += status >= 500 or status <= 0
        return status, answer

    def _list(self) -> None:
        status, answer = self._call(
            "lists", "/v1/recommendations", {"contact_id": f"c{self._chance.randrange(CONTACTS)}"}
        )
        if status == 200:
            self.lists += 1
            shown = [{"decision_id": answer["decision_id"], "rank": item["rank"]} for item in answer["items"][:3]]
            with self._lock:
                self._shown = (self._shown + shown)[-50:]

    def _feedback(self) -> None:
        """Send events of now, some on lists that were shown, and one in ten of past weeks."""
        with self._lock:
            shown = self._shown[-1:] if self._chance.random() < 0.5 else []
        events = [
            dict(some_event(self._chance, self._new_id(), CONTACTS, PRODUCTS))
            for _ in range(self._chance.randint(1, 5))
        ]
        for event in events:
            if self._chance.random() < 0.9:
                event["occurred_at"] = datetime.now(UTC).isoformat(timespec="milliseconds")
        status, answer = self._call("feedback", "/v1/feedback", {"events": events})
        if status == 200:
            for event, result in zip(events, answer["results"], strict=True):
                assert result["status"] == "accepted", result
                self.journal.acknowledge(event)
        for pitched in shown:
            self._call("feedback", "/v1/feedback", {"events": [{"type": "pitch", **pitched}]})

    def _new_id(self) -> str:
        self.sent.add(f"e{len(self.sent)}")
        return f"e{len(self.sent) - 1}"

    def _read(self) -> None:
        self._call("reads", self._chance.choice(READS))

    def _recompute(self) -> None:
        self._call("recompute", "/v1/jobs/recompute", {"replay": True})
