"""`make run`: everything on one machine, from nothing to a ranked list and a running service."""

import subprocess
import sys
from datetime import UTC, datetime

import click
import orjson
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from dog.bootstrap import JOB_SECONDS, build_runtime
from dog.cli.exit_codes import run
from dog.cli.load_command import load_file
from dog.cli.recommend_command import print_list
from dog.cli.serve_command import check_port, run_until_stopped, start_server
from dog.process_setup import ProcessSetup
from dog.services.lists.list_request import ListRequest
from dog.services.lists.recommend import recommend
from dog.services.lists.snapshot import Snapshots
from dog.services.runtime import Runtime
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.api_keys import SCOPES, create_key
from dog.storage.connection import primaries
from dog.storage.contacts import read_partitions
from dog.storage.store import Store

TENANT = "default"


@click.command()
@click.option("--once", is_flag=True, help="Stop after the list, do not serve.")
@click.option("--debug", is_flag=True, help="Show a traceback when something fails.")
def demo(once: bool, debug: bool) -> None:  # noqa: ARG001  # read by cli.errors
    """Start the embedded Redis, load the sample data, train, recompute, print a list, serve until stopped."""
    runtime = build_runtime(timeout_seconds=JOB_SECONDS)
    try:
        if not once:
            check_port(runtime.settings)
        store = runtime.store(TENANT, create=True)
        if not runtime.shared(Snapshots).current(store).models:
            prepare(runtime)
        if catch_up(runtime):
            for server in primaries(runtime.redis):
                server.bgrewriteaof()  # a compact log, read in no time at the next start
        contact = show_list(runtime, store)
        if not once:
            raise click.exceptions.Exit(serve_beside_scheduler(runtime, contact))
    finally:
        runtime.close()


def progress_bar() -> Progress:
    """Show how far a longer step has come."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)


def prepare(runtime: Runtime) -> None:
    """Load the sample data and train the three models: only the first time."""
    # a second to import, which the second start saves
    import pandas as pd  # noqa: PLC0415

    from dog.offline.sample.__main__ import FILES, write_sample  # noqa: PLC0415
    from dog.offline.train_models import train_models  # noqa: PLC0415

    folder = runtime.settings.data_dir / "sample"
    click.echo("sample data: a public grocery data set, described by its packager as simulated, dates shifted")
    until = pd.Timestamp(datetime.now(UTC))
    with progress_bar() as bar:
        write_sample(folder, "bc", until, bar)
    for kind in FILES:
        counts, rejected = load_file(runtime, TENANT, kind, folder / f"{kind}.parquet")
        line = f"{kind}: {counts.accepted:,} accepted, {counts.duplicates:,} duplicates, {counts.rejected:,} rejected"
        click.echo(line + (f" ({rejected})" if rejected else ""))
    with progress_bar() as bar:
        task = bar.add_task("training", total=1.0)
        trained = train_models(
            runtime,
            TENANT,
            0,
            lambda share, text: bar.update(task, completed=share, description=f"training: {text}"),
        )
    for model in trained:
        figures = ", ".join(f"{name} {value:.4g}" for name, value in model.quality.items())
        naive = ", ".join(f"{name} {value:.4g}" for name, value in model.baseline.items())
        click.echo(f"{model.name}: {figures} (naive: {naive})")


def catch_up(runtime: Runtime) -> int:
    """Publish the multipliers of every week that is due; how many there were."""
    with progress_bar() as bar:
        task = bar.add_task("multipliers", total=1.0)
        results = run_recompute(
            runtime,
            TENANT,
            report=lambda share, text: bar.update(task, completed=share, description=f"multipliers of {text}"),
        )
    if results:
        pairs = results[-1].counts["pairs"]
        click.echo(f"multipliers: {len(results)} week(s) published, up to {results[-1].week}, {pairs:,} pairs")
    return len(results)


def show_list(runtime: Runtime, store: Store) -> str:
    """Print the list of one contact whose feedback tells something; the contact's id."""
    contact = most_pitched(runtime, store)
    body = recommend(runtime, TENANT, ListRequest(contact, k=5, dry_run=True)).body
    print_list(orjson.loads(body))
    return contact


def most_pitched(runtime: Runtime, store: Store) -> str:
    """Find the contact with the most pitches, the first by id among equals."""
    version = runtime.shared(Snapshots).current(store).version
    best, most = b"", -1
    if version is not None:
        for arrays in read_partitions(store, "multipliers", f"{version.version}:recommended"):
            for digest, packed in arrays.items():
                if len(packed) > most:
                    best, most = digest, len(packed)
    for records in read_partitions(store, "contacts"):
        if best in records or (not best and records):
            return str(orjson.loads(records.get(best) or next(iter(records.values())))["contact_id"])
    raise click.ClickException("no contact is loaded; load some: python -m dog load contacts FILE")


def demo_key(runtime: Runtime) -> str:
    """Read the key of the demonstration, made with the first start and kept for its owner's eyes only."""
    path = runtime.settings.data_dir / "demo.key"
    if not path.exists():
        key = create_key(runtime.redis, TENANT, "make run", SCOPES, None, datetime.now(UTC))
        path.touch(mode=0o600)
        path.write_text(key)
    return path.read_text()


def serve_beside_scheduler(runtime: Runtime, contact: str) -> int:
    """Serve the API, with the scheduler beside it, until stopped."""
    setup = ProcessSetup(
        settings=runtime.settings, redis=runtime.redis, durability=runtime.durability, server=runtime.server
    )
    server = start_server(setup)
    command = [sys.executable, "-m", "jobs", "scheduler", "--end-with-parent"]
    scheduler = subprocess.Popen(command, stdin=subprocess.PIPE)  # noqa: S603  # our own command
    address = f"http://{runtime.settings.bind}"
    body = orjson.dumps({"contact_id": contact, "k": 3}).decode()
    click.echo(f"\nAPI {address}/v1, documentation {address}/docs, console {address}/console; stop with Ctrl-C. Try:\n")
    click.echo(f"curl -s {address}/v1/recommendations \\")
    if runtime.settings.auth != "off":
        click.echo(f"  -H 'Authorization: Bearer {demo_key(runtime)}' \\")
    click.echo(f"  -H 'Content-Type: application/json' -d '{body}'\n")
    return run_until_stopped(setup, server, scheduler)


if __name__ == "__main__":
    run(demo, "make run")
