"""`dog export`, `backup` and `restore`: a tenant's data as files."""

import sys
from pathlib import Path
from typing import TextIO

import click

from dog.bootstrap import build_runtime
from dog.cli.runner_options import open_job, runner_options
from dog.cli.terminal import progress_bar
from dog.services.data.backup import restore_backup, write_backup
from dog.services.data.backup_reader import is_encrypted
from dog.services.data.export_parts import EXPORTS
from dog.services.data.export_rows import export_rows

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("kind", type=click.Choice(list(EXPORTS)))
@click.argument("file", type=FILE)
@click.option("--policy", help="Whose multipliers (the default policy's).")
@runner_options
@click.pass_obj
def export(tenant: str, kind: str, file: Path, policy: str, processes: int, dask: str | None) -> None:
    """Write all of KIND to FILE: .csv, .ndjson (both also .gz) or .parquet."""
    with open_job(f"export {kind}", processes=processes, dask=dask) as (runtime, runner, report):
        written, nameless = export_rows(runtime, tenant, kind, file, policy, report, runner)
    click.echo(f"{file}: {written:,} rows")
    if nameless:
        click.echo(
            f"{nameless:,} rows were left out: their contacts were never loaded and are known by a hash only; "
            "dog load contacts FILE names them",
            err=True,
        )


def _read_passphrase(file: TextIO | None, *, confirm: bool) -> bytes:
    """Return the first line of a file, or what is typed; it is never on the command line, which other users can see."""
    if file is None and not sys.stdin.isatty():
        raise click.UsageError("there is no terminal to ask for the passphrase; name a file: --passphrase-file FILE")
    if file is None:
        text = click.prompt("Passphrase", hide_input=True, confirmation_prompt=confirm, err=True)
    else:
        text = file.readline().rstrip("\r\n")
    if not text:
        raise click.UsageError("the passphrase is empty")
    return str(text).encode()


@click.command()
@click.argument("file", type=FILE)
@click.option("--encrypt", is_flag=True, help="Encrypt FILE with a passphrase, which is asked for.")
@click.option("--passphrase-file", type=click.File(), help="Encrypt FILE with the first line of this file (-: stdin).")
@runner_options
@click.pass_obj
def backup(
    tenant: str, file: Path, encrypt: bool, passphrase_file: TextIO | None, processes: int, dask: str | None
) -> None:
    """Write everything of a tenant but its API keys to FILE (.gz: packed), which only its owner can read."""
    passphrase = _read_passphrase(passphrase_file, confirm=True) if encrypt or passphrase_file else None
    with open_job("backup", processes=processes, dask=dask) as (runtime, runner, report):
        count = write_backup(runtime, tenant, file, report, passphrase=passphrase, runner=runner)
    keep = "without the passphrase it cannot be restored" if passphrase else "keep it as safe as Redis"
    click.echo(f"{file}: {count:,} keys; it holds the tenant's secret and its contacts' data: {keep}")


@click.command()
@click.argument("file", type=FILE)
@click.option(
    "--passphrase-file", type=click.File(), help="Its first line decrypts FILE (-: stdin); else it is asked for."
)
@click.pass_obj
def restore(tenant: str, file: Path, passphrase_file: TextIO | None) -> None:
    """Restore FILE into a tenant without data, after checking all of it."""
    passphrase = _read_passphrase(passphrase_file, confirm=False) if is_encrypted(file) else None
    with build_runtime() as runtime, progress_bar("restore") as report:
        count, version = restore_backup(runtime, tenant, file, report, passphrase=passphrase)
    click.echo(f"{count:,} keys restored into tenant {tenant}; multipliers {version or 'never computed'}")
    click.echo("restart services that were running on this Redis, and make API keys: dog keys create")
