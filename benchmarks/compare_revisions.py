"""Compare two revisions in one run, in turns: `make bench-compare BASE=rev`.

Each is measured by its own `bench_requests.py`, next to the floor; what counts is the ratio of their ratios.
"""

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import orjson

HERE = Path(__file__).parent
MEASURES = ("ratio", "per_second", "p50_ms", "p99_ms", "floor_per_second")
TURNS = 3
OPTIONS = "200"


def main() -> int:
    """Measure the base and this tree in turns, and print the medians of both."""
    if len(sys.argv) != 2:
        print("usage: python -m benchmarks.compare_revisions BASE")
        return 2
    base = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "base"
        subprocess.run(["git", "worktree", "add", "--quiet", "--detach", str(tree), base], check=True)
        try:
            found: dict[str, list[dict[str, float]]] = {base: [], "this tree": []}
            for turn in range(TURNS):
                for name, place in ((base, tree), ("this tree", HERE.parent)):
                    print(f"{name}, turn {turn + 1} of {TURNS}", file=sys.stderr)
                    found[name].append(measure(place, Path(folder) / f"{place.name}-{turn}.ndjson"))
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", str(tree)], check=True)
    print(f"| {OPTIONS} options | {' | '.join(found)} | this tree / {base} |\n|---|---|---|---|")
    for measure_name in MEASURES:
        before, after = (statistics.median(row[measure_name] for row in rows) for rows in found.values())
        print(f"| {measure_name} | {before:,.2f} | {after:,.2f} | {after / before:.2f} |")
    return 0


def measure(tree: Path, file: Path) -> dict[str, float]:
    """Run a tree's benchmark of requests; return its first row, of the plain data."""
    command = [sys.executable, "benchmarks/bench_requests.py", "--options", OPTIONS, "--history", str(file)]
    environ = {**os.environ, "PYTHONPATH": str(tree)}
    subprocess.run(command, cwd=tree, env=environ, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    row: dict[str, float] = orjson.loads(file.read_bytes().splitlines()[0])
    return row


if __name__ == "__main__":
    raise SystemExit(main())
