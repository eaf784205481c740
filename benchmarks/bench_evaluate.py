"""`jobs evaluate` of a large tenant: `python -m benchmarks.bench_evaluate [--contacts N] [--processes N]`.

Ten pitches a contact in 26 weeks, each won or lost, and scores of three models for 100 products; embedded server.
Prints processor time without that of Redis, and the memory that the leader and its largest worker held at most.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.large_tenant import PITCHES_A_CONTACT, write_files
from benchmarks.notes import note
from benchmarks.process_usage import peak_mb, processor_seconds

WEEKS = 26
EVERY_SECONDS = 0.05


def load(folder: Path, contacts: int, environ: dict[str, str]) -> None:
    """Write the tenant's data."""
    for file in write_files(folder, contacts, int(time.time()), weeks=WEEKS, with_losses=True):
        kind = file.stem.split("_")[0]
        subprocess.run([sys.executable, "-m", "dog", "load", kind, str(file)], env=environ, check=True)
        file.unlink()


def evaluate(processes: int, environ: dict[str, str]) -> dict[str, float]:
    """Run the command; return seconds, and the MB that the leader and its largest worker held at most."""
    command = [sys.executable, "-m", "jobs", "evaluate", "--processes", str(processes)]
    began = time.perf_counter()
    job = subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL)
    spent: dict[int, tuple[float, float]] = {}  # seconds and MB by process
    while job.poll() is None:
        spent |= {pid: known for pid in _python_processes(job.pid) if (known := _spent(pid))}
        time.sleep(EVERY_SECONDS)
    if job.returncode:
        raise SystemExit("the evaluation failed")
    return {
        "seconds": time.perf_counter() - began,
        "processor_seconds": sum(seconds for seconds, _ in spent.values()),
        "leader_mb": spent.pop(job.pid)[1],
        "worker_mb": max((mb for _, mb in spent.values()), default=0.0),
    }


def _python_processes(pid: int) -> Iterator[int]:
    """Yield a process and those that it has started, without servers."""
    yield pid
    try:
        children = [child for task in Path(f"/proc/{pid}/task").iterdir() for child in _words(task / "children")]
        yield from (int(child) for child in children if _words(Path(f"/proc/{child}/comm"))[0].startswith("python"))
    except OSError:
        return  # it has ended


def _spent(pid: int) -> tuple[float, float] | None:
    """Return processor seconds and the largest MB of a process; None where it has ended."""
    try:
        return processor_seconds(pid), peak_mb(pid)
    except (OSError, StopIteration):
        return None


def _words(path: Path) -> list[str]:
    return path.read_text().split()


def main() -> None:
    """Print and keep the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--contacts", type=int, default=100_000)
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        chosen = {"DOG_DATA_DIR": name, "DOG_LOG_LEVEL": "error", "DOG_DURABILITY": "standard"}
        load(Path(name), given.contacts, {**os.environ, **chosen})
        figures = evaluate(given.processes, {**os.environ, **chosen})
    pitches = given.contacts * PITCHES_A_CONTACT
    print(f"{pitches:,} pitches, {given.processes} processes: {figures}")
    note("evaluate", {"pitches": pitches, "processes": given.processes, **figures})


if __name__ == "__main__":
    main()
