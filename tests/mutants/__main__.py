"""`python -m tests.mutants --sample 60 --seed 1`: change `storage` and `services/feedback` for the worse, bit by bit.

The tests that run a changed line are run against it, the nearest and fastest first, until one fails. What survives is
printed: a test that is missing, or a change that changes nothing, which belongs in `equivalent.toml` with its reason.

Results are kept in `var/mutants`, with commit and seed, so that a run that was stopped continues: a change that was
noticed is tried again when its file changes, one that survived with the next commit. Neither mutmut nor cosmic-ray
does this: both leave Lua alone, mutmut decorated functions and constants too, and cosmic-ray starts Python again for
each change.
"""

import argparse
import json
import queue
import random
import subprocess
import tomllib
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.progress import track
from scipy.stats import binomtest

from tests.mutants.changes import changes_of
from tests.mutants.covering_tests import CoveringTests, mutated_files
from tests.mutants.trials import ROOT, Trial, TrialServer

KEPT = ROOT / "var/mutants"
EQUIVALENT: dict[str, dict[str, str]] = tomllib.loads((Path(__file__).parent / "equivalent.toml").read_text("utf-8"))
"""File -> change -> why no test can notice it; under `*`, what such changes contain in every file."""


def all_trials() -> Iterator[Trial]:
    """Make every change of every file."""
    for path in mutated_files(ROOT):
        file, source = path.relative_to(ROOT).as_posix(), path.read_text("utf-8")
        for change in changes_of(source, is_lua=path.suffix == ".lua"):
            yield Trial(file, source, change)


def is_equivalent(trial: Trial) -> bool:
    """Return whether it is known that no test can notice a change."""
    says = trial.change.says
    return says in EQUIVALENT.get(trial.file, {}) or any(part in says for part in EQUIVALENT["*"])


def read_results(path: Path, commit: str) -> dict[tuple[str, str, str], dict[str, Any]]:
    """Read the results that still hold."""
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    kept = [json.loads(line) for line in lines]
    return {tuple(each["key"]): each for each in kept if each["outcome"] == "noticed" or each["commit"] == commit}


def run_trials(trials: list[Trial], given: argparse.Namespace, commit: str, results: Path) -> None:
    """Run trials in parallel; append each result as soon as it is there."""
    tests = CoveringTests(ROOT, KEPT)
    servers = [TrialServer(KEPT / str(number)) for number in range(given.processes)]
    idle = queue.SimpleQueue[TrialServer]()
    for server in servers:
        idle.put(server)

    def run_trial(trial: Trial) -> dict[str, Any]:
        server = idle.get()
        chosen, seconds = tests.of_lines(trial.file, trial.change.lines, given.most_seconds)
        result = server.try_change(trial, chosen, 120 + 10 * seconds)
        idle.put(server)
        return {"key": trial.key, "line": trial.change.lines[-1], "tests": len(chosen), **result}

    about = {"commit": commit, "seed": given.seed}
    with ThreadPoolExecutor(given.processes) as pool, results.open("a") as file:
        running = as_completed([pool.submit(run_trial, trial) for trial in trials])
        for ended in track(running, total=len(trials), description="changes", transient=True):
            at = datetime.now(UTC).isoformat(timespec="seconds")
            file.write(json.dumps({**about, "at": at, **ended.result()}) + "\n")
            file.flush()
    for server in servers:
        server.close()


def main() -> int:
    """Run the sample; exit 1 where fewer changes are noticed than asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", help="parts of file names; all files if none is given")
    parser.add_argument("--sample", type=int, help="how many changes; all if not given")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--most-seconds", type=float, default=120, help="for the tests of one change, when measured")
    parser.add_argument("--at-least", type=float, default=0.85, help="the share that has to be noticed")
    given = parser.parse_args()
    every = [trial for trial in all_trials() if not given.names or any(part in trial.file for part in given.names)]
    sample = random.Random(given.seed).sample(every, min(given.sample or len(every), len(every)))
    chosen = [trial for trial in sample if not is_equivalent(trial)]
    commit = subprocess.check_output(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, text=True).strip()
    results = KEPT / "results.ndjson"
    KEPT.mkdir(parents=True, exist_ok=True)
    run_trials([trial for trial in chosen if trial.key not in read_results(results, commit)], given, commit, results)
    print(f"{len(sample)} of {len(every):,} changes, {len(sample) - len(chosen)} of them equivalent")  # noqa: T201
    return report(chosen, read_results(results, commit), given.at_least)


def report(chosen: list[Trial], results: dict[Any, dict[str, Any]], at_least: float) -> int:
    """Print what survived, and the score with its interval of 95 %."""
    outcomes = {trial: results[trial.key] for trial in chosen}
    for trial, result in sorted(outcomes.items(), key=lambda item: (item[0].file, item[1]["line"])):
        if result["outcome"] != "noticed":
            print(f"{result['outcome']}: {trial.file}:{result['line']}: {trial.change.says}")  # noqa: T201
    counts = Counter(result["outcome"] for result in outcomes.values())
    noticed, tried = counts["noticed"] + counts["hung"], len(chosen) - counts["broken"]
    share = binomtest(noticed, max(tried, 1))
    low, high = share.proportion_ci(method="wilson")
    print(f"{noticed} of {tried} changes noticed, {share.statistic:.1%} ({low:.1%} to {high:.1%}), {dict(counts)}")  # noqa: T201
    return int(share.statistic < at_least)


if __name__ == "__main__":
    raise SystemExit(main())
