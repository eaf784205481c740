"""Count the machine instructions of a list, by stage, and compare them with the stored figures: `make count`.

40 lists of contacts warm the process, 100 lists of other contacts are counted, on the plain and the realistic data of
`list_data.py` with 200 options. Beside them the floor: a bare Flask view with one GET of as many bytes. Counts do not
depend on the load of the machine. Needs valgrind.

A total more than 3 % above the stored one is a failure. `make count STORE=1` accepts what was counted as the new
figures.
"""

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from benchmarks.bench_feedback import embedded
from benchmarks.callgrind import COMMAND, read_counts
from benchmarks.counted_lists import COUNTED, EMPTY, EVERY, STAGES, WARM
from benchmarks.list_data import KINDS, load
from dog.config import METRICS_FOLDER
from dog.services.lists.list_request import ListRequest
from dog.services.lists.recommend import recommend

STORED = Path(__file__).parent / "history" / "instructions.json"
OPTIONS, MOST_SHARE = 200, 0.03
FLOOR = "floor"
Counts = dict[str, dict[str, int]]
"""Instructions a list, by data and stage; `total` is counted by itself, not added up."""


def count(kind: str) -> dict[str, int]:
    """Count the lists of a kind of data, or the floor."""
    with tempfile.TemporaryDirectory() as name, embedded("standard") as runtime:
        folder = Path(name)
        environ = {
            "DOG_DATA_DIR": str(runtime.settings.data_dir),
            "DOG_DURABILITY": "standard",
            "FLOOR_REDIS_URL": runtime.server.url if runtime.server else "",
            METRICS_FOLDER: str(folder / "metrics"),
            "NUMBA_CPU_NAME": "haswell",  # what valgrind emulates; code for the machine's own would be compiled again
            "NUMBA_CPU_FEATURES": "+avx2,+fma",
            "OPENBLAS_NUM_THREADS": "1",
            "PYTHONHASHSEED": "0",
            "PYTHONPATH": ".",
        }
        (folder / "metrics").mkdir()
        data = KINDS["plain" if kind == FLOOR else kind](OPTIONS, WARM + COUNTED, datetime.now(UTC))
        key = load(runtime, data)
        if kind == FLOOR:
            request = ListRequest(data.requests[0]["contact_id"], k=10)
            runtime.redis.set("floor", recommend(runtime, "default", request).body)
        (folder / "requests.ndjson").write_bytes(b"\n".join([key.encode(), *map(orjson.dumps, data.requests)]))
        _run(kind, folder, environ)
        counts = read_counts(folder)
        if kind == FLOOR:
            return {"total": counts["total"] // COUNTED}
        return per_list(counts, orjson.loads((folder / "entries.json").read_bytes()))


def _run(kind: str, folder: Path, environ: Mapping[str, str]) -> None:
    """Run the counted process; raise RuntimeError if it fails."""
    program = [sys.executable, "-m", "benchmarks.counted_lists", kind, str(folder)]
    output = [f"--callgrind-out-file={folder}/callgrind.out.%p", f"--log-file={folder}/valgrind.log"]
    for command in (program, [*COMMAND, *output, *program]):  # first alone, which fills the cache of numba in seconds
        with (folder / "app.log").open("wb") as log:
            done = subprocess.run(command, env={**os.environ, **environ}, stderr=log, check=False)
        if done.returncode:
            logs = "\n".join(path.read_text("utf-8", "replace")[-3000:] for path in folder.glob("*.log"))
            raise RuntimeError(f"the counted process failed:\n{logs}")


def per_list(counts: Mapping[str, int], entries: Mapping[str, int]) -> dict[str, int]:
    """Return instructions a list by stage, without those of the counting itself."""
    of_counting = counts[EMPTY] / entries[EMPTY]
    stages = {stage: (counts[stage] - entries[stage] * of_counting) / (COUNTED // EVERY) for stage in STAGES}
    return {"total": counts["total"] // COUNTED, **{stage: round(cost) for stage, cost in stages.items()}}


def versions() -> dict[str, str]:
    """Return what the counts depend on beside our own code."""
    return {
        "machine": platform.machine(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "libc": " ".join(platform.libc_ver()),
    }


def faults(stored: Mapping[str, Any], counted: Counts, built_with: Mapping[str, str]) -> tuple[list[str], bool]:
    """Return a sentence for each total that grew by more than 3 %, and whether they are failures.

    They are warnings only where the figures were stored with other versions.
    """
    grown = [
        f"a list on {kind} data takes {counts['total']:,} instructions, {counts['total'] / was - 1:+.1%}; "
        f"stored are {was:,}. Find out why, or accept the new figure with: "
        "make count STORE=1"
        for kind, counts in counted.items()
        if kind != FLOOR
        and (was := stored["counts"].get(kind, {}).get("total"))
        and counts["total"] > was * (1 + MOST_SHARE)
    ]
    return grown, bool(grown) and stored["versions"] == built_with


def table(counted: Counts, stored: Counts) -> str:
    """Return thousands of instructions a list as Markdown, with the change of each from the stored figure."""
    lines = ["| thousand instructions a list | " + " | ".join(counted) + " |", "|---|" + "---|" * len(counted)]
    for stage in ("total", *STAGES):
        cells = [_cell(counts.get(stage), stored.get(kind, {}).get(stage)) for kind, counts in counted.items()]
        lines.append(f"| {stage} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(count: int | None, was: int | None) -> str:
    if count is None:
        return ""
    return f"{count / 1000:,.0f}" + (f" ({count / was - 1:+.1%})" if was else "")


def main() -> int:
    """Count, print, and compare or store; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", nargs="+", choices=[FLOOR, *KINDS], default=[FLOOR, *KINDS])
    parser.add_argument("--store", action="store_true", help="accept what was counted as the new figures")
    given = parser.parse_args()
    if shutil.which("valgrind") is None:
        print("valgrind is not installed; to install it: apt-get install valgrind")
        return 1
    with ThreadPoolExecutor(2) as pool:
        counted = dict(zip(given.data, pool.map(count, given.data), strict=True))
    stored = orjson.loads(STORED.read_bytes()) if STORED.exists() else {"versions": {}, "counts": {}}
    print(table(counted, stored["counts"]))
    if given.store:
        kept = {"versions": versions(), "counts": {**stored["counts"], **counted}}
        STORED.write_bytes(orjson.dumps(kept, option=orjson.OPT_INDENT_2) + b"\n")
        return 0
    grown, is_failure = faults(stored, counted, versions())
    print(*grown, sep="\n", end="\n" if grown else "")
    if grown and not is_failure:
        print(f"only a warning: the figures were stored with {stored['versions']}, this is {versions()}")
    return int(is_failure)


if __name__ == "__main__":
    assert Path("wsgi.py").exists(), "run it from the top of the checkout: make count"
    sys.exit(main())
