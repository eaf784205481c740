"""What each way of starting is worth after 0 to 10 events: `make few-shot`.

Every data set that is run becomes a line of `benchmarks/history/few_shot.ndjson`; the page is written from the newest.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import click
import numpy as np

from benchmarks.few_shot.basics import Method
from benchmarks.few_shot.few_shot_picture import draw
from benchmarks.few_shot.few_shot_report import newest, tables, write_page
from benchmarks.few_shot.method_names import IN_SAME_QUERY, NEED_TORCH, POPULAR, methods
from benchmarks.few_shot.outcomes import run_data
from benchmarks.few_shot.task_sources import SOURCES
from benchmarks.few_shot.tasks import Task
from benchmarks.notes import note
from dog.errors import NotReady

ROOT = Path(__file__).parents[2]
QUICK_CONTACTS = 300


def chosen_methods(names: str | None, base: str = POPULAR) -> dict[str, Method]:
    """Return the methods named, and before them the one that they are compared with."""
    known = methods()
    if names is None:
        return known
    asked = list(dict.fromkeys([base, *names.split(";")]))
    if missing := [name for name in asked if name not in known]:
        raise click.UsageError(f"not a method that can run here: {', '.join(missing)}; these are: {'; '.join(known)}")
    return {name: known[name] for name in asked}


def smaller(task: Task) -> Task:
    """Return a task with the first contacts of each side."""
    few = np.arange(QUICK_CONTACTS)
    return Task(name=task.name, trained=task.trained.select(few), tested=task.tested.select(few))


def run_one(name: str, chosen: Mapping[str, Method], *, base: str, quick: bool) -> list[dict[str, Any]]:
    """Run a data set with queries of both kinds; one that cannot be read is left out with a message."""
    try:
        halves = SOURCES[name]()
    except NotReady as error:
        click.echo(error.message, err=True)
        return []
    if quick:
        halves = [smaller(halves[0])]
    report = partial(click.echo, err=True)
    rows = [run_data(halves, chosen, base=base, report=report)]
    if not quick and base == POPULAR and name != "noise":
        learners = {each: method for each, method in chosen.items() if each in IN_SAME_QUERY}
        rows.append(run_data(halves, learners, same_query=True, report=report))
    return rows


@click.command()
@click.option("--data", default=",".join(SOURCES), show_default=True, help="Names, separated by commas.")
@click.option("--methods", "names", help="Names, separated by semicolons; all if left out. Keeps nothing.")
@click.option("--base", default=POPULAR, show_default=True, help="Compare with another method; keeps nothing.")
@click.option("--quick", is_flag=True, help="300 contacts to train on and to test; prints, and keeps nothing.")
@click.option("--report", is_flag=True, help="Run nothing; write page and picture from the history.")
@click.option("--history", type=click.Path(path_type=Path), help="File of the rows, instead of benchmarks/history.")
@click.option("--page", type=click.Path(path_type=Path), default=ROOT / "docs" / "explanation" / "few_shot.md")
@click.option("--png", type=click.Path(path_type=Path), default=ROOT / "docs" / "images" / "few_shot.png")
def main(
    data: str,
    names: str | None,
    base: str,
    quick: bool,
    report: bool,
    history: Path | None,
    page: Path,
    png: Path,
) -> None:
    """Run the data sets, keep a row of each, and write page and picture; or print the tables of a part."""
    chosen, is_kept = chosen_methods(names, base), not quick and base == POPULAR and names is None
    if not report and any(name not in methods() for name in NEED_TORCH):
        click.echo(f"PyTorch is not installed; left out: {'; '.join(NEED_TORCH)}", err=True)
    for name in [] if report else data.split(","):
        for row in run_one(name, chosen, base=base, quick=quick):
            click.echo(f"{name}: {row['seconds']:.0f} seconds", err=True)
            if is_kept:
                note("few_shot", row, history)
            else:
                click.echo(tables({(name, False): row}))
    if is_kept or report:
        found = newest(history)
        write_page(page, found)
        draw(found, png)


if __name__ == "__main__":
    main()
