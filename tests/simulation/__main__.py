"""Run seeds of the simulation.

python -m tests.simulation [--seeds N] [--first N] [--verbose]   run many; failing ones are printed
python -m tests.simulation --seed N [--trace]                    run one, and print its steps
"""

import argparse
import sys
import time
from collections import Counter

import click

from tests.simulation.run_seed import Outcome, run_seed
from tests.simulation.world import ground

SECONDS_PER_LINE = 10


def run_one(seed: int, *, trace: bool) -> list[Outcome]:
    """Run a seed and print what it did."""
    with ground() as server:
        outcome = run_seed(server, seed, click.echo if trace else None)
    click.echo(outcome.describe())
    return [] if not outcome.wrong else [outcome]


def run_many(first: int, count: int, *, verbose: bool) -> list[Outcome]:
    """Run seeds, and print failing ones (or all) and the progress."""
    failed: list[Outcome] = []
    reached: Counter[str] = Counter()
    began = said = time.monotonic()
    with ground() as server:
        for done, seed in enumerate(range(first, first + count), 1):
            outcome = run_seed(server, seed)
            reached += outcome.reached
            if outcome.wrong:
                failed.append(outcome)
                click.echo(f"{outcome.describe()}\n  python -m tests.simulation --seed {seed} --trace")
            elif verbose:
                click.echo(outcome.describe())
            if time.monotonic() > said + SECONDS_PER_LINE or done == count:
                said = time.monotonic()
                click.echo(f"{done:,} of {count:,} seeds, {len(failed)} wrong, {said - began:.0f} s")
    click.echo(", ".join(f"{what} {count:,}" for what, count in reached.items()))
    return failed


def main() -> int:
    """Exit 1 if any seed was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, default=100, help="how many")
    parser.add_argument("--first", type=int, default=1, help="the first of them")
    parser.add_argument("--seed", type=int, help="run this one only")
    parser.add_argument("--trace", action="store_true", help="with --seed: print every step, and raise errors")
    parser.add_argument("--verbose", action="store_true", help="print a line for each seed")
    options = parser.parse_args()
    if options.seed is not None:
        return 1 if run_one(options.seed, trace=options.trace) else 0
    return 1 if run_many(options.first, options.seeds, verbose=options.verbose) else 0


if __name__ == "__main__":
    sys.exit(main())
