"""`dog runs`: records of train, recompute, evaluate, tune, prove and publish."""

from dataclasses import asdict
from textwrap import shorten

import click
import orjson
from rich.table import Table

from dog.bootstrap import build_runtime
from dog.cli.terminal import progress_bar, table_console
from dog.core.iso_weeks import iso_time
from dog.offline.export_runs import export_runs
from dog.services.run_records import compare_runs, run_folder
from dog.storage.run_log import Run, list_runs, read_run


@click.group()
def runs() -> None:
    """List, show, compare and export the runs of train, recompute, evaluate, tune, prove and publish."""


@runs.command("list")
@click.option("--kind", help="Only runs of this kind, such as train.")
@click.option("--last", default=20, show_default=True, type=click.IntRange(1), help="How many, newest first.")
@click.pass_obj
def list_command(tenant: str, kind: str | None, last: int) -> None:
    """List the kept runs, newest first."""
    with build_runtime() as runtime:
        found = [run for run in list_runs(runtime.store(tenant)) if kind in (None, run.kind)][:last]
    if not found:
        click.echo("no run is kept yet; train, recompute, evaluate, tune and publish keep theirs")
    for run in found:
        at = iso_time(run.at_ms, "seconds")
        click.echo(
            f"{run.run_id}  {run.kind:9} {at}  {run.seconds:8.1f} s  {shorten(run.outcome, 72, placeholder=' ...')}"
        )


@runs.command()
@click.argument("run_id")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_obj
def show(tenant: str, run_id: str, as_json: bool) -> None:
    """Show settings, code, data, seed, metrics and files of RUN_ID."""
    with build_runtime() as runtime:
        run = read_run(runtime.store(tenant), run_id)
        folder = run_folder(runtime, run_id)
    if as_json:
        click.echo(orjson.dumps(asdict(run), option=orjson.OPT_INDENT_2).decode())
        return
    _print(run)
    for name in run.files:
        click.echo(f"file      {folder / name}")


def _print(run: Run) -> None:
    click.echo(f"{run.kind} {run.run_id}: {run.outcome}")
    click.echo(f"by        {run.by}")
    click.echo(f"settings  {orjson.dumps(run.settings).decode()}")
    click.echo(f"code      {run.code}")
    click.echo(f"data      {run.data}")
    click.echo(f"seed      {'none drawn' if run.seed is None else run.seed}")
    for name, value in run.metrics.items():
        click.echo(f"metric    {name} = {'-' if value is None else format(value, '.6g')}")


@runs.command()
@click.argument("first")
@click.argument("second")
@click.pass_obj
def compare(tenant: str, first: str, second: str) -> None:
    """Show where the runs FIRST and SECOND differ; runs of the same inputs must find the same."""
    with build_runtime() as runtime:
        found = compare_runs(runtime, tenant, first, second)
    for name, (one, other) in found["inputs"].items():
        click.echo(f"{name}: {orjson.dumps(one).decode()} -> {orjson.dumps(other).decode()}")
    if found["metrics"]:
        table = Table("metric", "first", "second")
        for name, values in found["metrics"].items():
            table.add_row(name, *("-" if value is None else f"{value:.6g}" for value in values))
        table_console(110).print(table)
    same = "the same" if found["same_inputs"] else "other"
    click.echo(f"{same} inputs, {'the same' if found['same_metrics'] else 'other'} metrics")


@runs.command()
@click.option("--to", required=True, expose_value=False, type=click.Choice(["mlflow"]))
@click.option("--uri", help="A folder, or the address of a tracking server; else the folder DOG_DATA_DIR/mlruns.")
@click.pass_obj
def export(tenant: str, uri: str | None) -> None:
    """Write the kept runs to MLflow; those already there stay."""
    with build_runtime() as runtime, progress_bar("exporting") as report:
        place = uri or str(runtime.settings.data_dir / "mlruns")
        count = export_runs(runtime, tenant, place, report)
    click.echo(f"{place}: {count:,} runs written")
