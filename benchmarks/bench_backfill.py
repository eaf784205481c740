"""Load of a feedback file: back-fill against row by row, in one run on servers of their own.

500,000 events of 5,000 contacts in random order as Parquet: 90 % pitches, 1 % wins, 9 % losses, over 300 days and 200
products. `processor us` is the processor time of this process (parsing and splitting included, stated apart for the
back-fill), `Redis us` that of the server, both an event. Prints a Markdown table; a line of
`benchmarks/history/backfill.ndjson` keeps each run.
"""

import os
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.bench_feedback import embedded
from benchmarks.notes import note
from dog.services.data.backfill.backfill_feedback import SPLIT_SHARE
from dog.services.data.load_file import load_file
from dog.services.runtime import Runtime

CONTACTS, EVENTS_A_CONTACT, PRODUCTS, DAYS = 5_000, 100, 200, 300
KINDS = np.array(["pitch"] * 90 + ["win"] + ["loss"] * 9)


def write_events(path: Path, now_ms: int, *, contacts: int = CONTACTS) -> int:
    """Write events in random order; return how many."""
    random, count = np.random.default_rng(1), contacts * EVENTS_A_CONTACT
    of = random.permutation(np.repeat(np.arange(contacts), EVENTS_A_CONTACT))
    at = now_ms // 1000 - random.integers(DAYS * 86_400, size=count)
    columns = {
        "event_id": [f"event-{number}" for number in range(count)],
        "type": KINDS[random.integers(len(KINDS), size=count)],
        "contact_id": [f"contact-{number}" for number in of.tolist()],
        "product_id": [f"p{number}" for number in random.integers(PRODUCTS, size=count).tolist()],
        "occurred_at": np.char.add(np.datetime_as_string(at.astype("M8[s]")), "Z"),
    }
    pq.write_table(pa.table(columns), path)
    return count


def spent(runtime: Runtime) -> np.ndarray:
    """Return the processor time spent so far by this process and by Redis, in seconds."""
    own, redis = resource.getrusage(resource.RUSAGE_SELF), runtime.redis.info("cpu")
    return np.array([own.ru_utime + own.ru_stime, redis["used_cpu_sys"] + redis["used_cpu_user"]])


def measure(path: Path, count: int, *, backfill: bool) -> dict[str, Any]:
    """Load the file into an empty tenant."""
    split_s = 0.0

    def note_split(share: float) -> None:
        nonlocal split_s
        if backfill and share <= SPLIT_SHARE:
            split_s = time.process_time() - began_s

    with embedded("standard") as runtime:
        runtime.store("default", create=True)
        before, began, began_s = spent(runtime), time.perf_counter(), time.process_time()
        found = load_file(runtime, "default", "feedback", path, report=note_split, backfill=backfill)
        seconds, used = time.perf_counter() - began, spent(runtime) - before
        assert found.counts.accepted == count, found.counts
    return {
        "what": "back-fill" if backfill else "row by row",
        "events_s": count / seconds,
        "process_us": float(used[0]) / count * 1e6,
        "split_us": split_s / count * 1e6,
        "redis_us": float(used[1]) / count * 1e6,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def main() -> None:
    """Print the table."""
    print(
        "| load | events/s | processor us | of these read and split | Redis us | peak MB |\n|---|---|---|---|---|---|"
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "history.parquet")
        count = write_events(path, time.time_ns() // 1_000_000, contacts=int(os.environ.get("CONTACTS", CONTACTS)))
        for backfill in (True, False) if "--alone" not in sys.argv else (True,):
            row = measure(path, count, backfill=backfill)
            print(
                f"| {row['what']} | {row['events_s']:,.0f} | {row['process_us']:.1f} | {row['split_us']:.1f} "
                f"| {row['redis_us']:.1f} | {row['peak_mb']:.0f} |",
                flush=True,
            )
            note("backfill", row)


if __name__ == "__main__":
    assert Path("wsgi.py").exists(), "run it from the top of the checkout"
    main()
