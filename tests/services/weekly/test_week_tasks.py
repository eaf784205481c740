"""A pool or Dask shares a week's partitions: what comes out is the same, whatever is killed."""

from collections.abc import Iterator
from dataclasses import astuple
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dog.bootstrap import create_runtime
from dog.config import read_settings
from dog.core.events import EventType
from dog.core.records import OUTCOME
from dog.services.runtime import Runtime
from dog.services.weekly import week_tasks
from dog.services.weekly.recompute_week import WeekResult
from dog.services.weekly.run_recompute import run_recompute
from dog.services.weekly.week_tasks import KeptRuns, partition_ranges
from dog.storage.catalogue import number_products
from dog.storage.choice_records import CHOICES
from dog.storage.connection import Redis, connect
from dog.storage.contacts import read_partitions
from dog.storage.embedded import EmbeddedServer
from dog.storage.multiplier_versions import read_versions
from dog.storage.pair_records import unpack_pairs
from dog.storage.value_numbers import NUMBERED, number_values
from tests.conftest import Clock
from tests.services.weekly import fatal_tasks

WEEK_MS, CONTACTS, PRODUCTS = 7 * 86_400_000, 120, 7


@pytest.fixture
def redis(redis_server: EmbeddedServer) -> Iterator[Redis]:
    """Connect to the one server: how a cluster is found does not depend on the process that asks."""
    with connect(redis_server.url, timeout_seconds=5) as client:
        client.flushall()
        yield client


@pytest.fixture
def joint_runtime(
    redis_server: EmbeddedServer, redis: Redis, tmp_path: Path, policy_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Runtime]:
    """Build a runtime whose server other processes can find, with two weeks of outcomes; they are many tasks."""
    monkeypatch.setattr(week_tasks, "CONTACTS_A_TASK", 1)
    named = {"DOG_REDIS_URL": redis_server.url, "DOG_POLICY_DIR": str(policy_dir), "DOG_DATA_DIR": str(tmp_path)}
    runtime = create_runtime(read_settings(named), redis, Clock())
    store, random = runtime.store("default", create=True), np.random.default_rng(1)
    number_products(store, [f"p{number}" for number in range(PRODUCTS)])
    number_values(store, [(attribute, value) for attribute in NUMBERED for value in ("one", "two")])
    trip = store.trip()
    for contact in range(CONTACTS):
        ledger = np.zeros(2 * PRODUCTS, OUTCOME)
        ledger["product"], ledger["event"] = np.arange(2 * PRODUCTS) % PRODUCTS, random.integers(1, 2**63, 2 * PRODUCTS)
        ledger["at"] = runtime.clock() - np.repeat([2 * WEEK_MS, WEEK_MS], PRODUCTS) + np.arange(2 * PRODUCTS)
        ledger["type"] = np.where(random.random(2 * PRODUCTS) < 0.3, EventType.WIN, EventType.LOSS)
        ledger["score"] = random.random(2 * PRODUCTS)
        pitches = ledger.copy()
        pitches["at"], pitches["type"] = ledger["at"] - 1000, EventType.PITCH
        pitches["event"] = random.integers(1, 2**63, 2 * PRODUCTS)
        pitches["pitched_by"] = random.integers(0, 3, (2 * PRODUCTS, 3))
        ledger = np.sort(np.concatenate([pitches, ledger]).astype(OUTCOME), order=["at", "event"])
        digest = store.tenant.contact(f"c{contact}")
        keys = store.tenant.partition(digest)
        trip.add("SET", keys.contact("outcomes", digest), ledger.tobytes())
        trip.add("SADD", keys.of("logged"), digest)
    trip.send()
    yield runtime
    runtime.close()


def forget_versions(redis: Redis) -> None:
    for pattern in ("*:multipliers*", "*:choices*", "*:version*", "*:weeks", "*:cuts", "*:baseline*"):
        for key in redis.scan_iter(match=f"dog:{pattern}"):
            redis.delete(key)


def published(runtime: Runtime) -> list[Any]:
    """Read all there is of the versions, as numbers: how narrow they are stored depends on the ranges."""
    store = runtime.store("default")
    arrays = [
        {
            contact: [part if isinstance(part, int) else part.tobytes() for part in unpack_pairs(packed)]
            for partition in read_partitions(store, "multipliers", f"{version.version}:{policy}")
            for contact, packed in partition.items()
        }
        for version in read_versions(store)
        for policy in version.policies
    ]
    choices = [
        partition
        for version in read_versions(store)
        for partition in read_partitions(store, CHOICES, f"{version.version}:recommended")
    ]
    return [*arrays, *choices, *(astuple(version) for version in read_versions(store))]


def told(results: list[WeekResult]) -> list[Any]:
    return [(result.version, result.outcome, dict(result.counts), list(result.movers)) for result in results]


def recomputed(runtime: Runtime, redis: Redis, **options: Any) -> tuple[list[Any], list[Any]]:
    """Recompute all weeks from nothing; return what is told and what is published."""
    forget_versions(redis)

    assert published(runtime) == []

    return told(run_recompute(runtime, "default", force=True, **options)), published(runtime)


def test_processes_publish_the_same_bits_as_one(joint_runtime: Runtime, redis: Redis) -> None:
    alone, by_one = recomputed(joint_runtime, redis)
    together, by_three = recomputed(joint_runtime, redis, processes=3)

    assert len(alone) == 2
    assert together == alone
    assert by_three == by_one
    assert sum(len(part) for part in by_one if isinstance(part, dict)) >= 2 * CONTACTS  # and their channels
    assert sum(len(arrays) for arrays in by_one[:2]) >= CONTACTS


SWEEPS = ("gather", "compute", "write")


@pytest.mark.parametrize("sweep", SWEEPS)
def test_a_killed_process_changes_no_bit(
    joint_runtime: Runtime, redis: Redis, monkeypatch: pytest.MonkeyPatch, sweep: str
) -> None:
    alone = recomputed(joint_runtime, redis)
    monkeypatch.setattr(week_tasks, sweep, getattr(fatal_tasks, sweep))

    assert recomputed(joint_runtime, redis, processes=2) == alone
    assert fatal_tasks.kills(redis) == [sweep]


def test_dask_publishes_the_same_bits_though_a_worker_is_killed_in_each_sweep(
    joint_runtime: Runtime, redis: Redis, monkeypatch: pytest.MonkeyPatch, dask_address: str
) -> None:
    alone = recomputed(joint_runtime, redis)
    for sweep in SWEEPS:
        monkeypatch.setattr(week_tasks, sweep, getattr(fatal_tasks, sweep))

    assert recomputed(joint_runtime, redis, dask=dask_address) == alone
    assert fatal_tasks.kills(redis) == sorted(SWEEPS)


@pytest.mark.parametrize("tasks", [1, 5, 64])
def test_partitions_may_be_split_anywhere(
    joint_runtime: Runtime, redis: Redis, monkeypatch: pytest.MonkeyPatch, tasks: int
) -> None:
    alone = recomputed(joint_runtime, redis)
    monkeypatch.setattr(week_tasks, "partition_ranges", lambda count, _: partition_ranges(count, tasks))

    assert recomputed(joint_runtime, redis) == alone


def test_nothing_is_kept_after_a_run(joint_runtime: Runtime, redis: Redis) -> None:
    run_recompute(joint_runtime, "default", force=True, dry_run=True)
    recomputed(joint_runtime, redis)

    assert joint_runtime.shared(KeptRuns)._runs == {}
