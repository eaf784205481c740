"""What the archive saves and costs: bytes in Redis, time of a roll back and of reading an archived decision.

python -m benchmarks.bench_archive [FOLDER or s3://bucket/folder] measures with 40,000 decisions of a kilobyte and eight
versions of 20,000 contacts, in an embedded server of its own.
"""

import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

import numpy as np
import orjson

from dog.batched import batched
from dog.bootstrap import create_runtime
from dog.config import Settings
from dog.services.pairs.read_multipliers import activate_published
from dog.services.runtime import Runtime
from dog.services.weekly.archive_weeks import archive
from dog.storage.connection import connect
from dog.storage.contact_lists import RETENTION_SECONDS, scan_decision_keys
from dog.storage.contacts import array_commands
from dog.storage.decisions import KeptDecision, read_decision, write_new_decisions
from dog.storage.embedded import EmbeddedServer
from dog.storage.multiplier_versions import MultiplierVersion
from dog.storage.store import Store

CONTACTS, PAIR_BYTES, DECISIONS, READS = 20_000, 160, 40_000, 200
WEEKS = range(2960, 2968)


def used_bytes(store: Store) -> int:
    """Return the memory that Redis uses."""
    store.redis.memory_purge()
    return int(store.redis.info("memory")["used_memory"])


def write_versions(store: Store, random: np.random.Generator) -> list[str]:
    """Write eight published versions of one policy."""
    contacts = [store.tenant.contact(f"c{number}") for number in range(CONTACTS)]
    for week in WEEKS:
        version = MultiplierVersion(
            version=f"v{week}", week=week, published_at_ms=0, timezone="UTC", policies={"recommended": {}}, counts={}
        )
        arrays = {contact: random.bytes(PAIR_BYTES) for contact in contacts}
        store.execute_all(array_commands(store, "multipliers", f"v{week}:recommended", arrays))
        store.execute("HSET", store.keys.of("versions"), version.version, orjson.dumps(asdict(version)))
        store.execute("HSET", store.keys.of("weeks"), week, f"v{week}@0")
    store.execute("HSET", store.keys.of("head"), "multipliers", f"v{WEEKS[-1]}")
    return [f"v{week}" for week in WEEKS]


def write_old_decisions(store: Store, random: np.random.Generator) -> None:
    """Write decisions that were served two days ago."""
    for some in batched(range(DECISIONS), 500):
        write_new_decisions(
            store,
            [
                KeptDecision(
                    decision_id=f"d{number}",
                    request=bytes(8),
                    contact=store.tenant.contact(f"c{number % CONTACTS}"),
                    week="2026-W47",
                    content=orjson.dumps({"decision_id": f"d{number}", "text": random.bytes(500).hex()}),
                )
                for number in some
            ],
        )
    for keys in batched(scan_decision_keys(store), 1000):
        store.execute_all(("EXPIRE", key, RETENTION_SECONDS - 2 * 86_400) for key in keys)


def measure(runtime: Runtime) -> None:
    """Print the figures."""
    store, random = runtime.store("default", create=True), np.random.default_rng(0)
    empty = used_bytes(store)
    versions = write_versions(store, random)
    with_versions = used_bytes(store)
    write_old_decisions(store, random)
    full = used_bytes(store)
    wall, cpu = perf_counter(), process_time()
    print(archive(runtime, "default"))
    print(f"archive: {perf_counter() - wall:.1f} s, of this process {process_time() - cpu:.1f} s")
    left = used_bytes(store)
    index = sum(store.redis.memory_usage(key) or 0 for key in store.redis.scan_iter(match="*}:filed:*", count=1000))
    print(f"8 versions {with_versions - empty:,} B, {DECISIONS:,} decisions {full - with_versions:,} B; ", end="")
    print(f"left {left - empty:,} B, of it the index {index / DECISIONS:.1f} B a decision")
    some = range(0, DECISIONS, DECISIONS // READS)
    times_ms = [1000 * timed(partial(read_decision, store, f"d{number}")) for number in some]
    print(f"an archived decision: p50 {median(times_ms):.1f} ms, max {max(times_ms):.1f} ms")
    for version in (versions[1], versions[-1]):
        took = timed(partial(activate_published, runtime, "default", version))
        print(f"roll back to {version}: {took:.4f} s")


def timed(call: Callable[[], object]) -> float:
    """Return how long a call takes, seconds."""
    began = perf_counter()
    call()
    return perf_counter() - began


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedServer(Path(folder), "everysec")
        server.start()
        root = sys.argv[1] if len(sys.argv) > 1 else folder
        settings = replace(Settings(data_dir=Path(folder)), archive=root)
        with connect(server.url, timeout_seconds=60) as redis:
            measure(create_runtime(settings, redis))
        server.stop()
