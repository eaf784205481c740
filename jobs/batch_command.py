"""`python -m jobs batch`."""

import shlex
from pathlib import Path

import click

from dog.bootstrap import JOB_SECONDS, build_runtime
from dog.cli.terminal import progress_bar
from dog.services.data.batch_recommend import write_batch
from dog.services.lists.list_request import MAX_K
from dog.storage.ids import new_id


@click.command()
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="A .parquet or .csv file.")
@click.option("--k", default=10, show_default=True, type=click.IntRange(1, MAX_K), help="Items a contact at most.")
@click.option("--policy", help="The policy that ranks (the tenant's default).")
@click.option("--serve", is_flag=True, help="Serve the lists: keep each as a decision and count it as a lap.")
@click.option("--batch-id", help="With --serve: the batch to go on with; each id serves a contact once.")
@click.pass_obj
def batch(tenant: str, out: Path, k: int, policy: str | None, serve: bool, batch_id: str | None) -> None:
    """Write the ranked lists of all contacts to a file; no laps are counted without --serve."""
    if batch_id is not None and not serve:
        raise click.UsageError("--batch-id is for --serve: without it nothing is counted")
    served = (batch_id or f"b_{new_id()}") if serve else None
    if served is not None:
        click.echo(f"batch {served}; if it is stopped, go on with: --serve --batch-id {shlex.quote(served)}", err=True)
    with build_runtime(timeout_seconds=JOB_SECONDS) as runtime, progress_bar("batch") as report:
        count = write_batch(runtime, tenant, out, k, policy, report, batch_id=served)
    click.echo(f"{out}: {count:,} rows")
