"""`python -m dog export`: what is held, as files."""

from pathlib import Path
from typing import Any

import click

from dog.bootstrap import JOB_SECONDS, build_runtime
from dog.cli.progress_bar import progress_bar
from dog.services.data.export_rows import KINDS, export_rows
from dog.services.policies.policy_store import DEFAULT_POLICY


@click.command()
@click.argument("kind", type=click.Choice(list(KINDS)))
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--policy", default=DEFAULT_POLICY, show_default=True, help="Whose multipliers.")
@click.pass_obj
def export(options: Any, kind: str, file: Path, policy: str) -> None:
    """Write all of KIND to FILE: .csv, .ndjson (both also .gz) or .parquet."""
    runtime = build_runtime(timeout_seconds=JOB_SECONDS)
    try:
        with progress_bar(f"export {kind}") as report:
            exported = export_rows(runtime, options.tenant, kind, file, policy, report)
    finally:
        runtime.close()
    click.echo(f"{file}: {exported.rows:,} rows")
    if exported.nameless:
        says = (
            f"{exported.nameless:,} rows were left out: their contacts were never loaded and are known by a hash only"
        )
        click.echo(f"{says}; python -m dog load contacts FILE names them", err=True)
