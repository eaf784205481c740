"""Clients that behave as the documentation asks: they send again, with the same ids, until they get an answer."""

import random
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from tests.faults.journal import Journal
from tests.faults.worlds import World

CLIENTS = 8
PATIENCE_SECONDS = 90


def post_until_told(world: World, journal: Journal, events: Sequence[Mapping[str, Any]]) -> int:
    """Send events until they are answered, note what was accepted, and tell how many tries failed."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    failed = 0
    while time.monotonic() < deadline:
        status, answer = world.call("/v1/feedback", {"events": events})
        if status == 200:
            for event, result in zip(events, answer["results"], strict=True):
                assert result["status"] in ("accepted", "duplicate"), result
                journal.acknowledge(event)
            return failed
        assert status <= 0 or status in (429, 500, 502, 503), (status, answer)
        failed += 1
        time.sleep(0.05)
    raise AssertionError(f"no answer to feedback for {PATIENCE_SECONDS} s")


class Posting:
    """Batches on their way from many clients; calling it waits for them and tells how many tries failed."""

    def __init__(self, futures: "list[Future[int]]") -> None:
        self._futures = futures

    def is_done(self) -> bool:
        """Return whether all were answered."""
        return all(future.done() for future in self._futures)

    def __call__(self) -> int:
        """Wait for the answers."""
        return sum(future.result() for future in self._futures)


def post_from_many(
    world: World, journal: Journal, batches: Sequence[Sequence[Mapping[str, Any]]], clients: int = CLIENTS
) -> Posting:
    """Let many clients send batches at once."""
    pool = ThreadPoolExecutor(clients)
    futures = [pool.submit(post_until_told, world, journal, batch) for batch in batches]
    pool.shutdown(wait=False)
    return Posting(futures)


def in_batches(chance: random.Random, events: Sequence[Mapping[str, Any]], most: int) -> list[list[Mapping[str, Any]]]:
    """Cut events into batches of 1 to `most`."""
    batches, start = [], 0
    while start < len(events):
        size = chance.randint(1, most)
        batches.append(list(events[start : start + size]))
        start += size
    return batches
