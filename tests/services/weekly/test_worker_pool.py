"""Several processes share a week's partitions: what comes out is the same, and a killed one loses nothing."""

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
from dog.errors import StoreError
from dog.services.runtime import Runtime
from dog.services.weekly.recompute_week import WeekResult
from dog.services.weekly.run_recompute import run_recompute
from dog.services.weekly.worker_pool import WorkerPool
from dog.storage.catalogue import number_products
from dog.storage.choice_records import CHOICES
from dog.storage.connection import Redis, connect
from dog.storage.contacts import read_partitions
from dog.storage.embedded import EmbeddedServer
from dog.storage.job_log import list_jobs
from dog.storage.multiplier_versions import read_versions
from dog.storage.pair_records import unpack_pairs
from dog.storage.value_numbers import NUMBERED, number_values
from tests.conftest import Clock

WEEK_MS, CONTACTS, PRODUCTS = 7 * 86_400_000, 120, 7


@pytest.fixture
def redis(redis_server: EmbeddedServer) -> Iterator[Redis]:
    """Connect to the one server: how a cluster is found does not depend on the process that asks."""
    with connect(redis_server.url, timeout_seconds=5) as client:
        client.flushall()
        yield client


@pytest.fixture
def joint_runtime(redis_server: EmbeddedServer, redis: Redis, tmp_path: Path, policy_dir: Path) -> Iterator[Runtime]:
    """Build a runtime whose server other processes can find, with two weeks of outcomes."""
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


def test_three_processes_publish_the_same_bits_as_one(joint_runtime: Runtime, redis: Redis) -> None:
    alone, by_one = told(run_recompute(joint_runtime, "default", force=True)), published(joint_runtime)
    forget_versions(redis)

    assert published(joint_runtime) == []

    together, by_three = (
        told(run_recompute(joint_runtime, "default", force=True, processes=3)),
        published(joint_runtime),
    )

    assert len(alone) == 2
    assert together == alone
    assert by_three == by_one
    assert sum(len(part) for part in by_one if isinstance(part, dict)) >= 2 * CONTACTS  # and their channels
    assert sum(len(arrays) for arrays in by_one[:2]) >= CONTACTS


@pytest.mark.parametrize("fatal", ["gather_evidence", "write_multipliers"])
def test_a_killed_process_publishes_nothing_and_the_next_run_does_all(
    joint_runtime: Runtime, monkeypatch: pytest.MonkeyPatch, fatal: str
) -> None:
    send = WorkerPool.send

    def send_and_kill(pool: WorkerPool, step: str, *arguments: Any) -> None:
        send(pool, step, *arguments)
        if step == fatal:
            pool.workers[0][0].kill()

    with monkeypatch.context() as patch:
        patch.setattr(WorkerPool, "send", send_and_kill)
        with pytest.raises(StoreError, match="was killed; run it again"):
            run_recompute(joint_runtime, "default", force=True, processes=2)

    store = joint_runtime.store("default")

    assert list_jobs(store)[0].state == "failed"
    assert read_versions(store) == []
    assert [result.outcome for result in run_recompute(joint_runtime, "default", force=True)] == ["published"] * 2


def test_what_redis_refuses_another_process_is_told_in_our_words(joint_runtime: Runtime) -> None:
    with (
        connect(joint_runtime.redis_url or "") as client,
        WorkerPool.start(joint_runtime.redis_url or "", "nobody", 2) as pool,
    ):
        client.ping()
        pool.send("begin")

        with pytest.raises(StoreError, match="nobody"):
            pool.receive(lambda _: None)


def test_a_process_ends_when_the_one_that_leads_is_gone(redis_server: EmbeddedServer) -> None:
    with WorkerPool.start(redis_server.url, "default", 2) as pool:
        process, pipe = pool.workers[0]
        pipe.close()
        process.join(20)

        assert process.exitcode == 0
