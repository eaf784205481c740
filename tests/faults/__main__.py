"""Run the faults and print one table, one line a fault; each line is kept as JSON too.

python -m tests.faults [--short] [--seed N] [--history FILE] [NAME ...]
python -m tests.faults --report
"""

import argparse
import importlib
import sys
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from tests.faults.history import keep, read_history
from tests.faults.report import PAGE, make_table, with_table
from tests.faults.rows import Row, Scale

HERE = Path(__file__).parent
COLUMNS = ("fault", "N", "seed", "lost", "doubled", "torn", "s to recover", "took s", "note")


def find_runs(wanted: list[str]) -> list[tuple[str, Callable[[Scale, int], Row]]]:
    """List the faults in the table's order; of names given, those that contain one."""
    found = []
    for path in sorted(HERE.glob("test_*.py")):
        module = importlib.import_module(f"tests.faults.{path.stem}")
        runs = {name: value for name, value in vars(module).items() if name == "run" or name.startswith("run_")}
        own = {name: value for name, value in runs.items() if value.__module__ == module.__name__}
        for name, value in own.items():
            title = path.stem.removeprefix("test_") + name.removeprefix("run")
            found.append((getattr(module, "ROW", 99), title, value))
    found.sort(key=lambda entry: entry[:2])
    return [(title, run) for _, title, run in found if not wanted or any(word in title for word in wanted)]


def main() -> int:
    """Run what is asked for; exit 1 if anything was lost, doubled or torn, or a run failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", help="parts of names; all faults if none is given")
    parser.add_argument("--short", action="store_true", help="the sizes of the test suite")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--history", type=Path, help="a file to which each row is appended as one line of JSON")
    parser.add_argument(
        "--report", action="store_true", help="run nothing; write the table of docs/explanation/reliability.md"
    )
    options = parser.parse_args()
    if options.report:
        PAGE.write_text(with_table(PAGE.read_text("utf-8"), make_table(read_history())), "utf-8")
        return 0
    scale: Scale = "short" if options.short else "long"
    table = Table(*COLUMNS)
    failed = 0
    runs = find_runs(options.names)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("faults", total=len(runs))
        for title, run in runs:
            progress.update(task, description=f"{title} ({scale})")
            began = time.monotonic()
            try:
                row = run(scale, options.seed)
            except Exception as error:  # noqa: BLE001  # one broken run must not hide the others
                row = Row(title, 0, options.seed, 0, 0, 0, None, f"FAILED: {type(error).__name__}: {error}"[:300])
                failed += 1
            failed += not row.is_clean
            took = time.monotonic() - began
            table.add_row(*_cells(row, took))
            progress.console.print(f"{title}: {'  '.join(_cells(row, took))}", highlight=False)
            if options.history:
                keep(options.history, title, row, scale, took)
            progress.advance(task)
    Console(width=None if sys.stdout.isatty() else 200).print(table)
    return 1 if failed else 0


def _cells(row: Row, took: float) -> list[str]:
    recovered = "-" if row.seconds_to_recover is None else f"{row.seconds_to_recover:.2f}"
    counts = [f"{number:,}" for number in (row.n, row.seed, row.lost, row.doubled, row.torn)]
    return [row.fault, *counts, recovered, f"{took:.0f}", row.note]


if __name__ == "__main__":
    raise SystemExit(main())
