"""`dog demo`, as `make run` calls it: on one machine, load sample data, train, recompute, print a list and serve."""

import subprocess
import sys
from datetime import UTC, datetime

import click
import orjson

from dog.bootstrap import build_runtime
from dog.cli.first_steps import recompute_due_weeks, show_list, train
from dog.cli.listener import open_listener
from dog.cli.print_load import load_showing_progress
from dog.cli.serve_command import HttpServer, run_until_stopped
from dog.cli.terminal import make_progress
from dog.process_setup import ProcessSetup
from dog.services.lists.snapshot import Snapshots
from dog.services.runtime import Runtime
from dog.storage.api_keys import DEFAULT_SCOPES, create_key
from dog.storage.erasure import rewrite_append_only_file

TENANT = "default"


@click.command()
@click.option("--once", is_flag=True, help="Stop after the list, do not serve.")
@click.pass_obj
def demo(tenant: str, once: bool) -> None:
    """Start the embedded Redis, load the sample data, train, recompute, print a list, serve until stopped."""
    if tenant != TENANT:
        raise click.UsageError(f"the sample data are loaded into tenant {TENANT}; give no other")
    with build_runtime() as runtime:
        if not once:
            open_listener(runtime.settings).close()  # a port that is taken is refused now, not after the training
        store = runtime.store(TENANT, create=True)
        if not runtime.shared(Snapshots).current(store).models:
            load_and_train(runtime)
        if recompute_due_weeks(runtime, TENANT):
            rewrite_append_only_file(store)  # a compact log, read quickly at the next start
        contact = show_list(runtime, store)
        if not once:
            raise click.exceptions.Exit(serve_with_scheduler(runtime, contact))


def load_and_train(runtime: Runtime) -> None:
    """Load the sample data and train the models; the first start does it."""
    import pandas as pd  # noqa: PLC0415  # takes a second, which later starts save

    from dog.offline.sample.__main__ import FILES, write_sample  # noqa: PLC0415

    folder = runtime.settings.data_dir / "sample"
    click.echo("sample data: a public grocery data set, described by its packager as simulated, dates shifted")
    until = pd.Timestamp(datetime.now(UTC))
    with make_progress() as bar:
        write_sample(folder, "bc", until, bar)
    for kind in FILES:
        loaded = load_showing_progress(runtime, TENANT, kind, folder / f"{kind}.parquet")
        click.echo(f"{kind}: {loaded.counts}" + (f" ({loaded.rejected})" if loaded.rejected else ""))
    train(runtime, TENANT)


def demo_key(runtime: Runtime) -> str:
    """Return the demo's API key, created on the first start in a file that only its owner can read."""
    path = runtime.settings.data_dir / "demo.key"
    if not path.exists():
        key = create_key(runtime.redis, TENANT, "demo", DEFAULT_SCOPES, None, datetime.now(UTC))
        path.touch(mode=0o600)
        path.write_text(key)
    return path.read_text()


def serve_with_scheduler(runtime: Runtime, contact: str) -> int:
    """Serve the API and run the scheduler until stopped."""
    setup = ProcessSetup(
        settings=runtime.settings, redis=runtime.redis, durability=runtime.durability, server=runtime.server
    )
    server = HttpServer(setup)
    command = [sys.executable, "-m", "jobs", "scheduler", "--end-with-parent"]
    scheduler = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)  # noqa: S603  # our own command
    address = f"http://{runtime.settings.bind}"
    body = orjson.dumps({"contact_id": contact, "k": 3}).decode()
    click.echo(f"\nAPI {address}/v1, documentation {address}/docs, console {address}/console; stop with Ctrl-C. Try:\n")
    click.echo(f"curl -s {address}/v1/recommendations \\")
    if runtime.settings.auth != "off":
        click.echo(f"  -H 'Authorization: Bearer {demo_key(runtime)}' \\")
    click.echo(f"  -H 'Content-Type: application/json' -d '{body}'\n")
    return run_until_stopped(setup, server, scheduler)
