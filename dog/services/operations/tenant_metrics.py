"""Metrics read at each scrape: memory of Redis, weeks due, job ages, actor shares, the active multipliers."""

from collections.abc import Iterator
from typing import Any

from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

from dog.core.iso_weeks import week_of
from dog.errors import StoreError
from dog.services.feedback.actor_shares import ActorShares, largest_shares
from dog.services.lists.snapshot import Snapshots
from dog.services.runtime import Runtime
from dog.storage.cold_data import read_segments
from dog.storage.connection import read_memory_usage
from dog.storage.job_log import list_jobs
from dog.storage.multiplier_versions import MultiplierVersion, due_weeks, read_version
from dog.storage.store import Store


class TenantCollector(Collector):
    """Metrics of one tenant; while Redis is away only `dog_redis_up 0`."""

    def __init__(self, runtime: Runtime, tenant: str) -> None:
        self._runtime, self._tenant = runtime, tenant

    def collect(self) -> Iterator[Any]:
        """Yield the metrics."""
        up = GaugeMetricFamily("dog_redis_up", "1 if Redis answered this scrape")
        try:
            found = [*self._memory(), *self._of_tenant()]
        except StoreError:
            found = []
        up.add_metric([], 1 if found else 0)
        yield up
        yield from found

    def _memory(self) -> Iterator[GaugeMetricFamily]:
        used = GaugeMetricFamily("dog_redis_used_bytes", "Memory used by Redis", labels=["server"])
        most = GaugeMetricFamily("dog_redis_max_bytes", "maxmemory of Redis; 0 where none is set", labels=["server"])
        for place, memory in enumerate(read_memory_usage(self._runtime.redis)):
            used.add_metric([str(place)], memory["used_memory"])
            most.add_metric([str(place)], memory.get("maxmemory", 0))
        yield from (used, most)

    def _of_tenant(self) -> Iterator[Any]:
        runtime, store, tenant = self._runtime, self._runtime.store(self._tenant), self._tenant
        now_ms, snapshot = runtime.clock(), runtime.shared(Snapshots).current(store)
        due = GaugeMetricFamily("dog_weeks_due", "Weeks that have ended and are not published", labels=["tenant"])
        due.add_metric([tenant], len(due_weeks(store, now_ms, runtime.settings.zone)))
        yield due
        runtime.shared(ActorShares).flush()
        shares = GaugeMetricFamily(
            "dog_largest_actor_share", "Largest share of one actor in the running week", labels=["tenant", "type"]
        )
        for share in largest_shares(store, week_of(now_ms, runtime.settings.zone)):
            shares.add_metric([tenant, share.kind], share.share)
        yield shares
        ages = GaugeMetricFamily(
            "dog_job_age_seconds", "Time since the last run of a job ended, by how", labels=["tenant", "job", "state"]
        )
        seen = set()
        for job in list_jobs(store):
            if job.finished_at_ms is not None and (job.name, job.state) not in seen:
                seen.add((job.name, job.state))
                ages.add_metric([tenant, job.name, job.state], (now_ms - job.finished_at_ms) / 1000)
        yield ages
        yield from self._archived(store)
        version = read_version(store, snapshot.version.version) if snapshot.version else None
        if version is not None:
            yield from _of_version(version, tenant, now_ms)

    def _archived(self, store: Store) -> Iterator[GaugeMetricFamily]:
        cold = read_segments(store)
        counted = GaugeMetricFamily("dog_archived_decisions", "Decisions in the archive", labels=["tenant"])
        counted.add_metric([self._tenant], cold.decision_count)
        size = GaugeMetricFamily("dog_archived_bytes", "Bytes of archived decisions and versions", labels=["tenant"])
        size.add_metric([self._tenant], cold.size)
        yield from (counted, size)


def _of_version(version: MultiplierVersion, tenant: str, now_ms: int) -> Iterator[Any]:
    labels = ["tenant", "policy"]
    age = GaugeMetricFamily("dog_version_age_seconds", "Age of the active multiplier version", labels=["tenant"])
    age.add_metric([tenant], (now_ms - version.published_at_ms) / 1000)
    spread = HistogramMetricFamily("dog_multipliers", "Active reinforcement multipliers", labels=labels)
    predicted = GaugeMetricFamily(
        "dog_predicted_win_rate", "Mean consolidated score of resolved pitches when pitched", labels=labels
    )
    observed = GaugeMetricFamily("dog_observed_win_rate", "Share of these pitches that were won", labels=labels)
    scored = GaugeMetricFamily("dog_scored_pitches", "Resolved pitches with a score of their own", labels=labels)
    for policy, document in version.policies.items():
        summary = document.get("summary")
        if summary is None:
            continue  # published by a release without summaries
        spread.add_metric([tenant, policy], *_buckets(summary))
        scored.add_metric([tenant, policy], summary["scored_pitches"])
        if summary["scored_pitches"]:
            predicted.add_metric([tenant, policy], summary["predicted_rate"])
            observed.add_metric([tenant, policy], summary["observed_rate"])
    yield from (age, spread, predicted, observed, scored)


def _buckets(summary: Any) -> tuple[list[tuple[str, float]], float]:
    bounds = [*map(str, summary["spread_bounds"]), "+Inf"]
    total, buckets = 0, []
    for bound, count in zip(bounds, summary["spread"], strict=True):
        total += count
        buckets.append((bound, float(total)))
    return buckets, summary["multiplier_sum"]
