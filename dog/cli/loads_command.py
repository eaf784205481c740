"""`dog loads`: what was loaded, and taking it back."""

from dataclasses import asdict

import click
import orjson

from dog.bootstrap import build_runtime
from dog.cli.terminal import progress_bar
from dog.core.iso_weeks import iso_time
from dog.core.spoken import counted
from dog.services.data.loads.undo_load import undo_load
from dog.storage.load_records import UNDONE, LoadRecord, list_loads

HIDDEN = ("unknown", "closed_until_ms")


@click.group()
def loads() -> None:
    """List the loads of files, and undo one."""


@loads.command("list")
@click.option("--last", default=20, show_default=True, type=click.IntRange(1), help="How many, newest first.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_obj
def list_command(tenant: str, *, last: int, as_json: bool) -> None:
    """List the loads, newest first: id, time, state, kind, file and counts."""
    with build_runtime() as runtime:
        found = list_loads(runtime.store(tenant))[:last]
    if not found and not as_json:
        click.echo("nothing was loaded from a file yet")
    for record in found:
        click.echo(_as_json(record) if as_json else _line(record))


def _line(record: LoadRecord) -> str:
    counts = f"{record.accepted:,} accepted, {record.duplicates:,} duplicates, {record.rejected:,} rejected"
    held = f", {record.quarantined:,} quarantined" if record.quarantined else ""
    final = "" if record.has_journal or record.state == UNDONE else "; too old to be undone"
    at = iso_time(record.at_ms, "seconds")
    return f"{record.load_id}  {at}  {record.state:11}  {record.kind:12}  {record.file}: {counts}{held}{final}"


def _as_json(record: LoadRecord) -> str:
    return orjson.dumps({name: value for name, value in asdict(record).items() if name not in HIDDEN}).decode()


@loads.command()
@click.argument("load_id")
@click.pass_obj
def undo(tenant: str, load_id: str) -> None:
    """Take the load LOAD_ID back: its feedback vanishes, its rows become what they were."""
    with build_runtime() as runtime, progress_bar("undoing") as report:
        done = undo_load(runtime, tenant, load_id, report)
    record = done.record
    click.echo(
        f"load {load_id} ({record.kind} of {record.file}) is undone: "
        f"{counted(done.events, 'event')} and {counted(done.rows, 'row')} taken back"
    )
    if done.kept_rows:
        click.echo(f"{counted(done.kept_rows, 'row')} stayed: changed by others while the undo ran")
    if done.late:
        click.echo(done.late)
