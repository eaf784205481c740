"""`python -m tests.mutants --sample 60 --seed 1`: change vital modules for the worse and see whether a test notices.

A sample of all small wrong changes is made, one at a time, in a copy of the tree; the tests named below run against
each. What survives is printed: a test that is missing, or a change that changes nothing.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.progress import track

from tests.mutants.changes import Change, changes_of

ROOT = Path(__file__).parent.parent.parent
EVENTS = (
    "tests/storage/test_event_log.py",
    "tests/api/test_feedback_routes.py",
    "tests/properties/test_order_through_the_store.py",
    "tests/services/weekly/test_recount.py",
)
WEEKS = (
    "tests/services/weekly/test_recompute_week.py",
    "tests/services/weekly/test_run_recompute.py",
    "tests/services/weekly/test_plan_replay.py",
    "tests/storage/test_week_replay.py",
    "tests/api/test_multiplier_routes.py",
)
TESTS = {
    "dog/storage/claims.py": EVENTS,
    "dog/storage/apply_events.py": EVENTS,
    "dog/storage/scripts/claim_ids.lua": EVENTS,
    "dog/storage/scripts/apply_events.lua": EVENTS,
    "dog/storage/scripts/retract_event.lua": EVENTS,
    "dog/storage/multiplier_versions.py": WEEKS,
    "dog/storage/scripts/publish_version.lua": WEEKS,
    "dog/services/weekly/plan_replay.py": WEEKS,
    "dog/storage/week_replay.py": WEEKS,
    "dog/storage/late_outcomes.py": ("tests/storage/test_late_outcomes.py",),
    "dog/storage/scripts/take_lease.lua": WEEKS,
    "dog/storage/scripts/renew_lease.lua": WEEKS,
    "dog/services/job_lease.py": WEEKS,
    "dog/storage/ids.py": (
        "tests/storage/test_ids.py",
        "tests/fuzz/test_parsers.py",
        *EVENTS,
        "tests/services/data/test_erase.py",
    ),
    "dog/storage/api_keys.py": (
        "tests/api/test_request_guard.py",
        "tests/api/test_authorization.py",
        "tests/console/test_login_page.py",
        "tests/cli/test_keys_command.py",
    ),
    "dog/services/data/strict_json.py": ("tests/services/data/test_strict_json.py", "tests/fuzz/test_parsers.py"),
}
"""Which tests hold which file."""
MOST_SECONDS = 240


def is_noticed(tree: Path, name: str, change: Change) -> bool:
    """Run a file's tests against one change; tell whether any of them fails."""
    path = tree / name
    before = path.read_text("utf-8")
    path.write_text(change.source, "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:xdist", "-p", "no:cacheprovider", "-m", "not slow"]
    environ = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        ran = subprocess.run(
            [*command, *TESTS[name]], cwd=tree, env=environ, capture_output=True, timeout=MOST_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return True
    finally:
        path.write_text(before, "utf-8")
    return ran.returncode != 0


def main() -> int:
    """Make the changes; exit 1 where fewer are noticed than asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", help="parts of file names; all files if none is given")
    parser.add_argument("--sample", type=int, default=60, help="how many changes, spread over the files by their size")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--at-least", type=float, default=0.85, help="the share that has to be noticed")
    given = parser.parse_args()
    wanted = [name for name in TESTS if not given.names or any(part in name for part in given.names)]
    every = [
        (name, change)
        for name in wanted
        for change in changes_of((ROOT / name).read_text("utf-8"), is_lua=name.endswith(".lua"))
    ]
    chosen = sorted(
        random.Random(given.seed).sample(every, min(given.sample, len(every))), key=lambda it: (it[0], it[1].line)
    )
    with tempfile.TemporaryDirectory(prefix="dog-mutants-") as folder:
        tree = Path(folder) / "tree"
        shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(".git", ".venv*", "var", ".*_cache", "__pycache__"))
        survivors = [
            (name, change)
            for name, change in track(chosen, description="changes", transient=True)
            if not is_noticed(tree, name, change)
        ]
    for name, change in survivors:
        print(f"survived: {name}:{change.line}: {change.says}")  # noqa: T201
    share = 1 - len(survivors) / max(1, len(chosen))
    print(f"{len(chosen) - len(survivors)} of {len(chosen)} changes noticed, {share:.0%}; {len(every):,} there are")  # noqa: T201
    return int(share < given.at_least)


if __name__ == "__main__":
    raise SystemExit(main())
