"""A cluster gives the answers of a single server, and counts nothing twice when its nodes differ."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dog.bootstrap import create_runtime
from dog.config import read_settings
from dog.errors import StoreRefused
from dog.services.feedback.record_feedback import record_feedback
from dog.services.operations.doctor import run_doctor
from dog.services.pairs.read_multipliers import read_multipliers
from dog.services.runtime import Runtime
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.connection import Redis, connect, primaries
from dog.storage.decisions import KeptDecision, write_decisions
from dog.storage.durability import check_durability
from dog.storage.store import Store
from tests.conftest import Clock

CONTACTS = [f"c{number}" for number in range(40)]


def house_on(redis: Redis, folder: Path) -> Runtime:
    rules = Path(__file__).parents[2] / "rules"
    return create_runtime(read_settings({"DOG_POLICY_DIR": str(rules), "DOG_DATA_DIR": str(folder)}), redis, Clock())


def some_events(count: int) -> list[dict[str, Any]]:
    draw = np.random.default_rng(7)
    kinds = draw.choice(["pitch", "win", "loss", "accept", "discard"], count, p=[0.5, 0.2, 0.2, 0.05, 0.05])
    return [
        {
            "event_id": f"e{number}",
            "type": str(kind),
            "contact_id": CONTACTS[draw.integers(len(CONTACTS))],
            "product_id": f"p{draw.integers(9)}",
            "occurred_at": f"2026-11-{9 + number % 6:02}T{number % 24:02}:{number % 60:02}:00Z",
        }
        for number, kind in enumerate(kinds)
    ]


def multipliers(runtime: Runtime) -> dict[tuple[str, str], Any]:
    found = read_multipliers(
        runtime, "default", contact_id=None, product_id=None, policy="recommended", cursor=None, limit=1000
    )
    return {(row["contact_id"], row["product_id"]): {**row, "version": ""} for row in found["items"]}


def test_the_same_events_give_the_same_multipliers_bit_for_bit(redis: Redis, cluster: str, tmp_path: Path) -> None:
    found = []
    with connect(cluster, timeout_seconds=5) as clustered:
        clustered.flushall()
        for client in (redis, clustered):
            runtime = house_on(client, tmp_path)
            record_feedback(runtime.store("default", create=True), some_events(800), runtime.clock())
            run_recompute(runtime, "default")
            found.append(multipliers(runtime))
            runtime.close()

    assert len(found[0]) > 300
    assert found[0] == found[1]


@pytest.fixture
def clustered(cluster: str) -> Any:
    with connect(cluster, timeout_seconds=5) as client:
        client.flushall()
        yield client


def laps(store: Store, contact: str) -> int:
    digest = store.tenant.contact(contact)
    trip = store.trip()
    trip.add("HGET", store.tenant.partition(digest).of("laps"), digest)
    return int(trip.send()[0] or 0)


def test_a_script_that_only_some_nodes_have_counts_every_lap_once(clustered: Redis, tmp_path: Path) -> None:
    runtime = house_on(clustered, tmp_path)
    store = runtime.store("default", create=True)
    for number, server in enumerate(primaries(clustered)):
        write_decisions(store, [_decision(store, "c0", f"first{number}")])  # every node has the scripts by now
        if number:
            server.script_flush()
    kept = write_decisions(store, [_decision(store, contact, f"d-{contact}") for contact in CONTACTS])
    counted = [laps(store, contact) for contact in CONTACTS[1:]]
    runtime.close()

    assert kept == [True] * len(CONTACTS)
    assert counted == [1] * len(CONTACTS[1:])


def _decision(store: Store, contact: str, decision_id: str) -> KeptDecision:
    return KeptDecision(
        decision_id=decision_id,
        request=b"12345678",
        contact=store.tenant.contact(contact),
        week="2026-W47",
        content=b"{}",
    )


def test_one_primary_that_evicts_is_enough_to_refuse_the_cluster(clustered: Redis) -> None:
    last = primaries(clustered)[-1]
    last.config_set("maxmemory-policy", "allkeys-lru")
    try:
        with pytest.raises(StoreRefused, match="allkeys-lru"):
            check_durability(clustered, "standard")
    finally:
        last.config_set("maxmemory-policy", "noeviction")


def test_one_primary_that_syncs_every_second_makes_the_cluster_standard(clustered: Redis) -> None:
    strict, last = primaries(clustered)[:-1], primaries(clustered)[-1]
    for server in strict:
        server.config_set("appendfsync", "always")
    before = check_durability(clustered, "strict").profile
    last.config_set("appendfsync", "always")
    after = check_durability(clustered, "strict").profile
    for server in (*strict, last):
        server.config_set("appendfsync", "everysec")

    assert (before, after) == ("standard", "strict")


def test_doctor_looks_at_every_primary_and_counts_the_keys_of_all(clustered: Redis, tmp_path: Path) -> None:
    runtime = house_on(clustered, tmp_path)
    record_feedback(runtime.store("default", create=True), some_events(200), runtime.clock())
    findings = run_doctor(runtime, "default")
    runtime.close()
    said = {finding.about: finding.says for finding in findings}

    assert [finding.about for finding in findings].count("server") == 3
    assert said["keys log"].startswith(f"{len({event['contact_id'] for event in some_events(200)})} keys")
