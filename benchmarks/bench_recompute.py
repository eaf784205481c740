"""The weekly recompute against a raw pass that reads and writes the same keys, in one run.

Writes ledgers of 100 pairs a contact, publishes one week from them, then repeats its reads and writes alone: for
each number of processes on fresh data. Prints a Markdown table with the processor time of the job's own processes and
of Redis; a line of `benchmarks/history/recompute.ndjson` keeps each run.
Arguments: numbers of pairs (1,000,000 where none); `--processes 1,2`; `--policies 2`, copies of `recommended`;
`--pitched`: a pitch with a score before each win or loss; `--models 3`: stored scores of three
models of the policy for each pair.
"""

import argparse
import resource
import sys
import time
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.progress import track

from benchmarks.bench_feedback import embedded, timed
from benchmarks.notes import note
from dog.core.events import EventType
from dog.core.policy.policy_settings import DEFAULT_MODELS
from dog.core.records import OUTCOME, SCORES
from dog.services.policies.policy_store import policies_by_name
from dog.services.publishing.publish_policy import publish_policy
from dog.services.runtime import Runtime
from dog.services.weekly.recompute_week import WeekResult
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.catalogue import number_products
from dog.storage.contacts import read_partitions, write_arrays
from dog.storage.ledgers import CONTACTS_PER_TRIP
from dog.storage.model_dates import record_scores
from dog.storage.packed_scores import pack_scores
from dog.storage.store import Store

PRODUCTS, CONTACTS_A_WRITE = 100, 500
DAY_MS = 86_400_000
WEEK_MS = 7 * DAY_MS


def fill(store: Store, pairs: int, at_ms: int, *, pitched: bool) -> None:
    """Write the ledgers that a win or loss of each pair in one week leaves behind, with its pitch if so."""
    random = np.random.default_rng(1)
    number_products(store, [f"category {n}" for n in range(PRODUCTS)])
    for start in track(range(0, pairs // PRODUCTS, CONTACTS_A_WRITE), description=f"writing {pairs:,} pairs"):
        trip = store.trip()
        for contact in range(start, start + CONTACTS_A_WRITE):
            ledger = np.zeros(PRODUCTS, OUTCOME)
            ledger["at"], ledger["product"] = at_ms + np.arange(PRODUCTS), np.arange(PRODUCTS)
            ledger["event"] = random.integers(1, 2**63, PRODUCTS)
            ledger["type"] = np.where(random.random(PRODUCTS) < 0.1, EventType.WIN, EventType.LOSS)
            ledger["score"] = random.random(PRODUCTS)
            if pitched:
                pitches = ledger.copy()
                pitches["at"], pitches["type"] = ledger["at"] - DAY_MS, EventType.PITCH
                pitches["event"] = random.integers(1, 2**63, PRODUCTS)
                ledger = np.concatenate([pitches, ledger]).astype(OUTCOME)  # joining changes the byte order
            digest = store.tenant.contact(f"c{contact}")
            keys = store.tenant.partition(digest)
            trip.add("SET", keys.contact("outcomes", digest), ledger.tobytes())
            trip.add("SADD", keys.of("logged"), digest)
        trip.send()


def fill_scores(store: Store, pairs: int, at_ms: int, models: Sequence[str]) -> None:
    """Write a score of each model for each pair."""
    random = np.random.default_rng(2)
    for model in models:
        for start in track(range(0, pairs // PRODUCTS, CONTACTS_A_WRITE), description=f"writing scores of {model}"):
            arrays = {}
            for contact in range(start, start + CONTACTS_A_WRITE):
                scores = np.zeros(PRODUCTS, SCORES)
                scores["product"], scores["score"] = np.arange(PRODUCTS), random.random(PRODUCTS)
                arrays[store.tenant.contact(f"c{contact}")] = pack_scores(at_ms, scores)
            write_arrays(store, "scores", model, arrays)
        record_scores(store, model, at_ms)


def raw_pass(store: Store, policies: list[list[dict[bytes, bytes]]]) -> None:
    """Read every ledger and write every array, policy by policy, partition by partition, and nothing else."""
    for partition, written in (numbered for arrays in policies for numbered in enumerate(arrays)):
        keys, trip = store.keys.partition(partition), store.trip()
        trip.add("SMEMBERS", keys.of("logged"))
        members = sorted(trip.send()[0])
        for start in range(0, len(members), CONTACTS_PER_TRIP):
            trip = store.trip()
            trip.add("MGET", *keys.contacts("outcomes", members[start : start + CONTACTS_PER_TRIP]))
            trip.send()
        write_arrays(store, "multipliers", "raw:pass", written)


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds on the wall, of the processor in this process and those it started, and of the processor in Redis."""

    wall: float
    own: float
    redis: float


def spend(runtime: Runtime, work: Callable[[], object]) -> Spent:
    """Do some work and tell what it took."""

    def processor() -> tuple[float, float]:
        told = runtime.redis.info("cpu")
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        own = time.process_time() + children.ru_utime + children.ru_stime
        return own, told["used_cpu_user"] + told["used_cpu_sys"]

    own, redis = processor()
    wall = timed(work)
    own_after, redis_after = processor()
    return Spent(round(wall, 2), round(own_after - own, 2), round(redis_after - redis, 2))


def copy_policies(runtime: Runtime, count: int) -> None:
    """Copy the policy `recommended` until the given number of policies is active."""
    document = tomllib.loads((runtime.settings.policy_dir / "recommended.toml").read_text())
    active = len(policies_by_name(runtime.store("default")))
    for number in range(active, count):
        name = f"copy-{number}"
        publish_policy(
            runtime, "default", name, {**document, "name": name}, author="", comment="", if_match=None, draft=False
        )


def measure(
    runtime: Runtime, pairs: int, policies: int, processes: int, *, pitched: bool, models: int
) -> dict[str, Any]:
    """Measure one week's recompute and the raw pass."""
    runtime.redis.config_set("auto-aof-rewrite-percentage", 0)  # it would run beside the job or beside the raw pass
    store = runtime.store("default", create=True)
    copy_policies(runtime, policies)
    fill(store, pairs, runtime.clock() - WEEK_MS, pitched=pitched)
    fill_scores(store, pairs, runtime.clock() - 8 * WEEK_MS, list(DEFAULT_MODELS)[:models])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    weeks: list[WeekResult] = []
    job = spend(runtime, lambda: weeks.extend(run_recompute(runtime, "default", force=True, processes=processes)))
    resident, largest_child = (
        resource.getrusage(whose).ru_maxrss for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    names = sorted(policies_by_name(store))
    arrays = [list(read_partitions(store, "multipliers", f"{weeks[-1].version}:{name}")) for name in names]
    raw = spend(runtime, lambda: raw_pass(store, arrays))
    return {
        "what": "recompute",
        "pairs": pairs,
        "policies": len(names),
        "processes": processes,
        "pitched": pitched,
        "models": models,
        "weeks": len(weeks),
        "seconds": job.wall,
        "own_seconds": job.own,
        "redis_seconds": job.redis,
        "raw_seconds": raw.wall,
        "raw_own_seconds": raw.own,
        "raw_redis_seconds": raw.redis,
        "ratio": round(job.wall / raw.wall / len(weeks), 2),
        "resident_mb": resident // 1024,
        "largest_child_mb": largest_child // 1024 if processes > 1 else 0,
        "resident_before_mb": before // 1024,
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("pairs", nargs="*", type=int, default=[1_000_000])
    parser.add_argument("--processes", default="1")
    parser.add_argument("--policies", type=int, default=2)
    parser.add_argument("--pitched", action="store_true")
    parser.add_argument("--models", type=int, default=0, choices=range(4))
    given = parser.parse_args()
    # processes started from here are to begin as those of `dog jobs` do, without importing this file
    vars(sys.modules["__main__"]).update(__spec__=None, __file__=None)
    columns = None
    for pairs in given.pairs:
        for processes in map(int, given.processes.split(",")):
            with embedded("standard") as runtime:
                row = measure(runtime, pairs, given.policies, processes, pitched=given.pitched, models=given.models)
            if columns is None:
                columns = list(row)[1:-1]
                print(f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}")
            print(f"| {' | '.join(f'{row[name]:,}' for name in columns)} |", flush=True)
            note("recompute", row)


if __name__ == "__main__":
    assert Path("wsgi.py").exists(), "run it from the top of the checkout: make bench"
    main()
