"""`dog jobs batch`."""

import shlex
from pathlib import Path

import click

from dog.cli.runner_options import open_job, runner_options
from dog.services.data.batch_file import write_batch
from dog.services.data.batch_table import write_batch_table
from dog.services.lists.list_request import MAX_K
from dog.storage.ids import new_id


@click.command()
@click.option("--out", type=click.Path(path_type=Path), help="A .parquet or .csv file, or a folder for part files.")
@click.option("--to", "url", help="Instead of a file: URL of a database, or env:NAME: the variable that has it.")
@click.option("--table", help="With --to: the table, such as lists or mart.lists; its rows are replaced.")
@click.option("--k", default=10, show_default=True, type=click.IntRange(1, MAX_K), help="Items a contact at most.")
@click.option("--policy", help="The policy that ranks (the tenant's default).")
@click.option("--serve", is_flag=True, help="Serve the lists: keep each as a decision and count it as a lap.")
@click.option("--batch-id", help="With --serve: the batch to continue; each id serves a contact once.")
@runner_options
@click.pass_obj
def batch(
    tenant: str,
    out: Path | None,
    url: str | None,
    table: str | None,
    k: int,
    policy: str | None,
    serve: bool,
    batch_id: str | None,
    processes: int,
    dask: str | None,
) -> None:
    """Write the ranked lists of all contacts to a file or a database; no laps are counted without --serve."""
    if (out is None) == (url is None) or (url is None) != (table is None):
        raise click.UsageError("state --out FILE, or --to URL --table TABLE")
    if batch_id is not None and not serve:
        raise click.UsageError("--batch-id is for --serve: without it nothing is counted")
    served = (batch_id or f"b_{new_id()}") if serve else None
    if served is not None:
        click.echo(
            f"batch {served}; if it is stopped, continue with: --serve --batch-id {shlex.quote(served)}", err=True
        )
    with open_job("batch", processes=processes, dask=dask) as (runtime, runner, report):
        given = (k, policy, report)
        if out is not None:
            count = write_batch(runtime, tenant, out, *given, batch_id=served, runner=runner)
        else:
            count = write_batch_table(runtime, tenant, str(url), str(table), *given, batch_id=served, runner=runner)
    click.echo(f"{out or table}: {count:,} rows")
