"""Simulate two years of selling: what each way of reinforcing is worth, in wins compared with none.

500 contacts x 60 products x 104 weeks; three noisy models, drift, one category that collapses in week 52. Every pair
has a lasting deviation that no model sees: this is what win rates can teach. Each week every contact is pitched three
products of its list; the multipliers come from the service's core, week by week. Seeds are paired: all arms get the
same world and the same luck. The other worlds of `simulated_world.py` change one thing each.

Every run is a line of `benchmarks/history/closed_loop.ndjson`; `--report` prints the tables of the newest ones.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from itertools import product
from pathlib import Path
from typing import Any

import click
import numpy as np

from benchmarks import loop_figures
from benchmarks.loop_arms import Arm, arms
from benchmarks.loop_simulation import simulate
from benchmarks.notes import note
from benchmarks.simulated_world import SCENARIOS, Scenario, Size, World, make_world

SHORT = Size(contacts=100, products=30, weeks=26)
COMPARED = ("recommended", "version 1", "Thompson", "LinUCB", "SquareCB", "oracle")
"""The arms of the summary."""


def run_seed(scenario: Scenario, seed: int, chosen: Sequence[str], size: Size) -> list[dict[str, Any]]:
    """Run some arms in the world of one seed, and return a row of the history for each."""
    world = make_world(seed, size, predictive=scenario.predictive)
    return [_row(scenario, arm, seed, size, world) for arm in arms() if arm.name in chosen]


def _row(scenario: Scenario, arm: Arm, seed: int, size: Size, world: World) -> dict[str, Any]:
    run = simulate(world, scenario, arm.make(world, size, seed), size, seed)
    sums = np.add.reduceat(run.wins, np.arange(0, size.weeks, loop_figures.WEEKS_A_SUM))
    return {
        "world": scenario.name,
        "arm": arm.name,
        "seed": seed,
        **asdict(size),
        "wins": int(run.wins.sum()),
        "regret": round(float(run.regret.sum()), 1),
        "churn": round(run.churn, 4),
        "distinct": round(run.distinct, 2),
        "wins_of_8_weeks": sums.tolist(),
    }


@click.command()
@click.option("--worlds", help="Names, separated by semicolons; all if left out.")
@click.option("--arms", "names", help="Names, separated by semicolons; the usual ones if left out.")
@click.option("--seeds", default=8, show_default=True)
@click.option("--first-seed", default=0, show_default=True)
@click.option("--processes", default=1, show_default=True)
@click.option("--short", is_flag=True, help="Two seeds, 26 weeks, a fifth of the contacts.")
@click.option("--history", type=click.Path(path_type=Path), help="File of the rows, instead of benchmarks/history.")
@click.option("--report", is_flag=True, help="Run nothing; print the tables of the rows that there are.")
@click.option("--png", type=click.Path(path_type=Path), help="Draw the first world into this file.")
def main(
    worlds: str | None,
    names: str | None,
    seeds: int,
    first_seed: int,
    processes: int,
    short: bool,
    history: Path | None,
    report: bool,
    png: Path | None,
) -> None:
    """Run the worlds, keep a row of each run, and print a table of each world."""
    picked = [one for one in SCENARIOS if worlds is None or one.name in worlds.split(";")]
    chosen = names.split(";") if names else [arm.name for arm in arms() if arm.usual]
    size = SHORT if short else Size()
    numbers = range(first_seed, first_seed + (2 if short else seeds))
    if not report:
        with ProcessPoolExecutor(processes) as pool:
            tasks = [pool.submit(run_seed, one, seed, chosen, size) for one, seed in product(picked, numbers)]
            for done in as_completed(tasks):
                for row in done.result():
                    note("closed_loop", row, history)
    found = loop_figures.newest_runs(loop_figures.read_rows(history), size)
    told = {one.name: found[one.name] for one in picked if one.name in found}
    click.echo(f"Wins against none (weekly churn):\n\n{loop_figures.summary(told, COMPARED)}")
    for one in picked:
        if one.name in found:
            in_order = {arm.name: found[one.name][arm.name] for arm in arms() if arm.name in found[one.name]}
            click.echo(f"\n### {one.name}: {one.about}\n\n{loop_figures.table(in_order)}")
    if png:
        loop_figures.draw(found[picked[0].name], png)


if __name__ == "__main__":
    main()
