"""`python -m dog backup` and `restore`: everything of a tenant, one file."""

from pathlib import Path
from typing import Any

import click

from dog.bootstrap import JOB_SECONDS, build_runtime
from dog.cli.progress_bar import progress_bar
from dog.services.data.backup import restore_backup, write_backup


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def backup(options: Any, file: Path) -> None:
    """Write everything of a tenant but its API keys to FILE (.gz: packed)."""
    runtime = build_runtime(timeout_seconds=JOB_SECONDS)
    try:
        with progress_bar("backup") as report:
            count = write_backup(runtime, options.tenant, file, report)
    finally:
        runtime.close()
    click.echo(f"{file}: {count:,} keys; it holds the tenant's secret and its contacts' data: keep it as safe as Redis")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def restore(options: Any, file: Path) -> None:
    """Restore FILE into a tenant without data, after checking all of it."""
    runtime = build_runtime(timeout_seconds=JOB_SECONDS)
    try:
        with progress_bar("restore") as report:
            count, version = restore_backup(runtime, options.tenant, file, report)
    finally:
        runtime.close()
    click.echo(f"{count:,} keys restored into tenant {options.tenant}; multipliers {version or 'never computed'}")
    click.echo("restart services that were running on this Redis, and make API keys: python -m dog keys create")
