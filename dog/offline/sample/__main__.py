"""Write the sample data as four Parquet files."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import click
import pandas as pd
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from dog.errors import DogError
from dog.offline.sample.campaigns import Selection
from dog.offline.sample.mapping import map_sample
from dog.offline.sample.source import read_source

FILES = ("products", "contacts", "transactions", "feedback")


def write_sample(folder: Path, selection: Selection, until: pd.Timestamp | None, bar: Progress) -> None:
    """Read the source, map it and write one Parquet file for each of `FILES` into `folder`."""
    task = bar.add_task("reading", total=2 + len(FILES))
    source = read_source()
    bar.update(task, advance=1, description="mapping")
    sample = map_sample(source, selection, until)
    bar.update(task, advance=1)
    folder.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        bar.update(task, description=f"writing {name}")
        rows: pd.DataFrame = getattr(sample, name)
        rows.to_parquet(folder / f"{name}.parquet", index=False)
        bar.update(task, advance=1, description=f"{name}: {len(rows):,} rows")
        bar.console.print(f"{folder / name}.parquet: {len(rows):,} rows")


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--campaigns",
    type=click.Choice(["bc", "all"]),
    default="bc",
    show_default=True,
    help="Which campaigns count as pitches; all is the scale set.",
)
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]),
    help="Move all dates by whole weeks so that sales end in the last ISO week over by then (UTC). [default: now]",
)
@click.option("--keep-dates", is_flag=True, help="Leave the dates of the source (2017).")
def main(folder: Path, campaigns: Selection, until: datetime | None, keep_dates: bool) -> None:
    """Write the public sample data into DIR as products, contacts, transactions and feedback."""
    if keep_dates and until is not None:
        raise click.UsageError("--until and --keep-dates exclude each other")
    end = None if keep_dates else pd.Timestamp(until or datetime.now(UTC).replace(tzinfo=None), tz="UTC")
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    try:
        with Progress(*columns, transient=True) as bar:
            write_sample(folder, campaigns, end, bar)
    except DogError as error:
        click.echo(error.message, err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
