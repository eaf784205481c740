"""What the service counts and times of itself, for Prometheus; `docs/operations.md` says what each tells.

Several workers add up where `PROMETHEUS_MULTIPROC_DIR` names a folder that they share (`dog serve` makes one).
"""

import os
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from dog.config import METRICS_FOLDER

SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)
STAGE_SECONDS = (0.0001, 0.0002, 0.0005, *SECONDS[:9])

local = CollectorRegistry()

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
    stages.labels(name) for name in ("read", "rules", "reinforce", "write")
)
kept_decisions, dry_decisions, degraded_decisions = (decisions.labels(kind) for kind in ("kept", "dry_run", "degraded"))
kept_shadows, shed_shadows, lost_shadows = (shadows.labels(kind) for kind in ("kept", "shed", "lost"))


def exposition(*collectors: Collector) -> bytes:
    """Write what all workers have counted, and what the collectors find now, in the Prometheus text format."""
    registry = local
    if folder := os.environ.get(METRICS_FOLDER):
        _forget_the_dead(Path(folder))
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # prometheus_client
    found = CollectorRegistry()
    for collector in collectors:
        found.register(collector)
    return generate_latest(registry) + generate_latest(found)


def _forget_the_dead(folder: Path) -> None:
    """Forget the gauges of dead workers: one killed with its breaker open would keep it open for ever."""
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
