"""`python -m dog export`, `backup` and `restore`: a tenant's data as files."""

from pathlib import Path

import click

from dog.bootstrap import JOB_SECONDS, build_runtime
from dog.cli.terminal import progress_bar
from dog.core.policy.policy import DEFAULT_POLICY
from dog.services.data.backup import restore_backup, write_backup
from dog.services.data.export_rows import EXPORTS, export_rows

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("kind", type=click.Choice(list(EXPORTS)))
@click.argument("file", type=FILE)
@click.option("--policy", default=DEFAULT_POLICY, show_default=True, help="Whose multipliers.")
@click.pass_obj
def export(tenant: str, kind: str, file: Path, policy: str) -> None:
    """Write all of KIND to FILE: .csv, .ndjson (both also .gz) or .parquet."""
    with build_runtime(timeout_seconds=JOB_SECONDS) as runtime, progress_bar(f"export {kind}") as report:
        written, nameless = export_rows(runtime, tenant, kind, file, policy, report)
    click.echo(f"{file}: {written:,} rows")
    if nameless:
        click.echo(
            f"{nameless:,} rows were left out: their contacts were never loaded and are known by a hash only; "
            "python -m dog load contacts FILE names them",
            err=True,
        )


@click.command()
@click.argument("file", type=FILE)
@click.pass_obj
def backup(tenant: str, file: Path) -> None:
    """Write everything of a tenant but its API keys to FILE (.gz: packed)."""
    with build_runtime(timeout_seconds=JOB_SECONDS) as runtime, progress_bar("backup") as report:
        count = write_backup(runtime, tenant, file, report)
    click.echo(f"{file}: {count:,} keys; it holds the tenant's secret and its contacts' data: keep it as safe as Redis")


@click.command()
@click.argument("file", type=FILE)
@click.pass_obj
def restore(tenant: str, file: Path) -> None:
    """Restore FILE into a tenant without data, after checking all of it."""
    with build_runtime(timeout_seconds=JOB_SECONDS) as runtime, progress_bar("restore") as report:
        count, version = restore_backup(runtime, tenant, file, report)
    click.echo(f"{count:,} keys restored into tenant {tenant}; multipliers {version or 'never computed'}")
    click.echo("restart services that were running on this Redis, and make API keys: python -m dog keys create")
