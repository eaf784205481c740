"""Whole commands as users run them: `jobs recompute`, `jobs batch`, and a second `dog serve` up to its first list.

On one tenant: `--pairs` contact-product pairs, 100 a contact, each with a pitch and a win or loss, so twice as many
events, and scores of three models. Each command is a process of its own, the embedded Redis stopped before and
after; "nothing due" is a recompute that finds no week: what the command takes to start and stop. Medians. Prints a
Markdown table, and keeps it as a line of JSON.
"""

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.bench_recompute import PRODUCTS, WEEK_MS, fill, fill_scores
from benchmarks.bench_start import PORT, first_list_seconds
from benchmarks.notes import note
from dog.bootstrap import JOB_SECONDS, build_runtime
from dog.core.policy.policy_settings import DEFAULT_MODELS
from dog.services.data.import_rows import import_rows
from dog.storage.api_keys import create_key
from dog.storage.embedded import EmbeddedServer

TIMES = 3


def load(folder: Path, pairs: int) -> str:
    """Write the tenant's data; return a key."""
    chosen = {"DOG_DATA_DIR": str(folder), "DOG_LOG_LEVEL": "error"}
    with build_runtime(chosen, timeout_seconds=JOB_SECONDS) as runtime:
        store, zone = runtime.store("default", create=True), runtime.settings.zone
        contacts = range(pairs // PRODUCTS)
        import_rows(store, "products", [{"product_id": f"category {n}"} for n in range(PRODUCTS)], zone)
        import_rows(store, "contacts", [{"contact_id": f"c{n}", "segment": "gold"} for n in contacts], zone)
        fill(store, pairs, runtime.clock() - WEEK_MS, pitched=True)
        fill_scores(store, pairs, runtime.clock() - 8 * WEEK_MS, list(DEFAULT_MODELS))
        return create_key(runtime.redis, "default", "bench", ("recommend",), None, datetime.now(UTC))


def run(folder: Path, *command: str) -> tuple[float, float]:
    """Run a command on a folder: seconds on the wall, and of the processor without that of Redis."""
    environ = {**os.environ, "DOG_DATA_DIR": str(folder), "DOG_LOG_LEVEL": "error", "PYTHONPATH": "."}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", *command], env=environ, check=True, stdout=subprocess.DEVNULL)
    took = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    left = EmbeddedServer(folder)  # wait until it has ended, too
    left.start()
    left.stop()
    return took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def medians(measure: Callable[[], tuple[float, float]], times: int) -> tuple[float, float]:
    """Measure some times; return the median on the wall and of the processor."""
    walls, processors = zip(*(measure() for _ in range(times)), strict=True)
    return statistics.median(walls), statistics.median(processors)


def measure_commands(pairs: int, times: int) -> dict[str, tuple[float, float]]:
    """Return seconds on the wall and of the processor, by command."""
    with tempfile.TemporaryDirectory() as parent:
        loaded, used = Path(parent, "loaded"), Path(parent, "used")
        key = load(loaded, pairs)

        def recompute() -> tuple[float, float]:
            shutil.rmtree(used, ignore_errors=True)
            shutil.copytree(loaded, used, ignore=shutil.ignore_patterns("*.sock", "*.lock", "socket.path"))
            return run(used, "jobs", "recompute", "--force")

        def first_list() -> tuple[float, float]:
            chosen = {"DOG_DATA_DIR": str(used), "DOG_LOG_LEVEL": "error", "DOG_BIND": f"127.0.0.1:{PORT}"}
            return first_list_seconds({**os.environ, **chosen, "PYTHONPATH": "."}, key), 0.0

        return {
            "recompute": medians(recompute, times),
            "nothing due": medians(lambda: run(used, "jobs", "recompute"), times),
            "batch": medians(lambda: run(used, "jobs", "batch", "--out", f"{parent}/lists.parquet"), times),
            "second start to the first list": medians(first_list, times),
        }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pairs", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=TIMES)
    given = parser.parse_args()
    figures = measure_commands(given.pairs, given.times)
    print("| command | s | of the processor, s |\n|---|---|---|")
    for command, (wall, processor) in figures.items():
        print(f"| {command} | {wall:.2f} | {processor:.2f} |")
    note("commands", {"pairs": given.pairs, **figures})


if __name__ == "__main__":
    assert Path("wsgi.py").exists(), "run it from the top of the checkout: make bench"
    main()
