"""The service's Prometheus metrics; `docs/how-to/monitoring.md` explains each.

Workers that share the folder `PROMETHEUS_MULTIPROC_DIR` (`dog serve` creates one) add up their metrics.
"""

import os
from abc import ABC, abstractmethod
from bisect import bisect_left
from collections import Counter as Counts
from collections import deque
from functools import cache
from pathlib import Path
from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from dog.config import METRICS_FOLDER

SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)
STAGE_SECONDS = (0.0001, 0.0002, 0.0005, *SECONDS[:9])

BATCH_SECONDS = 1.0

local = CollectorRegistry()


class _Batched(ABC):
    """A child of a metric that adds up for a second: passed on one by one each number takes 18,000 instructions.

    What is added up is passed on with the first number after that second, and before the metrics are read.
    """

    def __init__(self) -> None:
        self._waiting: deque[float] = deque()
        self._until = 0.0
        _batched.append(self)

    def _add(self, number: float) -> None:
        self._waiting.append(number)
        if perf_counter() > self._until:
            self.pass_on()

    def pass_on(self) -> None:
        """Add what waits to the metric."""
        self._until = perf_counter() + BATCH_SECONDS
        taken = []
        while self._waiting:
            try:
                taken.append(self._waiting.popleft())
            except IndexError:  # another thread passes them on, too
                break
        self._pass_on(taken)

    @abstractmethod
    def _pass_on(self, numbers: list[float]) -> None: ...


_batched: list[_Batched] = []


class BatchedHistogram(_Batched):
    """A child of a histogram that adds up observations for a second."""

    def __init__(self, child: Histogram) -> None:
        super().__init__()
        self._child = child

    def observe(self, seconds: float) -> None:
        """Add an observation."""
        self._add(seconds)

    def _pass_on(self, numbers: list[float]) -> None:
        bounds = self._child._upper_bounds  # noqa: SLF001  # prometheus_client has no public way to add many
        buckets = Counts[int](bisect_left(bounds, seconds) for seconds in numbers)
        for bucket, count in buckets.items():
            self._child._buckets[bucket].inc(count)  # noqa: SLF001
        self._child._sum.inc(sum(numbers))  # noqa: SLF001


class BatchedCounter(_Batched):
    """A child of a counter that adds up for a second."""

    def __init__(self, child: Counter) -> None:
        super().__init__()
        self._child = child

    def inc(self, count: float = 1) -> None:
        """Count."""
        self._add(count)

    def _pass_on(self, numbers: list[float]) -> None:
        self._child.inc(sum(numbers))


requests = Histogram(
    "dog_request_seconds",
    "Time to answer a request",
    ("route", "method", "status"),
    buckets=SECONDS,
    registry=local,
)
stages = Histogram(
    "dog_recommendation_stage_seconds",
    "Time of one stage of a recommendation",
    ("stage",),
    buckets=STAGE_SECONDS,
    registry=local,
)
decisions = Counter("dog_decisions", "Ranked lists generated", ("kind",), registry=local)
shadows = Counter("dog_shadow_lists", "Lists of challengers beside served ones", ("kind",), registry=local)
feedback = Counter("dog_feedback_events", "Events of feedback taken in", ("type", "status"), registry=local)
breaker_open = Gauge(
    "dog_breaker_open",
    "1 while a worker holds Redis to be away",
    multiprocess_mode="livemax",
    registry=local,
)

read_stage, rules_stage, reinforce_stage, write_stage = (
    BatchedHistogram(stages.labels(name)) for name in ("read", "rules", "reinforce", "write")
)
kept_decisions, dry_decisions, degraded_decisions = (
    BatchedCounter(decisions.labels(kind)) for kind in ("kept", "dry_run", "degraded")
)
kept_shadows, shed_shadows, lost_shadows = (shadows.labels(kind) for kind in ("kept", "shed", "lost"))


@cache
def request_seconds(route: str, method: str, status: int) -> BatchedHistogram:
    """Return the times of requests to a route (its pattern, so there are not many) by method and status."""
    return BatchedHistogram(requests.labels(route, method, status))


def exposition(*collectors: Collector) -> bytes:
    """Return the metrics of all workers, and of the collectors, in the Prometheus text format."""
    for batched in tuple(_batched):
        batched.pass_on()
    registry = local
    if folder := os.environ.get(METRICS_FOLDER):
        _remove_dead_workers(Path(folder))
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # prometheus_client
    found = CollectorRegistry()
    for collector in collectors:
        found.register(collector)
    return generate_latest(registry) + generate_latest(found)


def _remove_dead_workers(folder: Path) -> None:
    """Remove the gauges of dead workers: one killed while its breaker was open would show it open forever."""
    for file in folder.glob("gauge_live*_*.db"):
        pid = file.stem.rpartition("_")[2]
        if pid.isdigit() and not _is_alive(int(pid)):
            mark_process_dead(int(pid), str(folder))  # type: ignore[no-untyped-call]  # prometheus_client


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
