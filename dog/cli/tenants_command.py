"""`dog tenants`: create a tenant with a number of partitions, and move one to more."""

import click

from dog.bootstrap import build_runtime
from dog.cli.terminal import progress_bar
from dog.errors import Conflict
from dog.services.data.repartition_tenant import repartition_tenant
from dog.storage.schema import read_marks
from dog.storage.store import MOST_PARTITIONS, PARTITIONS, ensure_tenant, find_tenant

COUNTS = click.Choice([str(PARTITIONS), str(MOST_PARTITIONS)])


@click.group()
def tenants() -> None:
    """Create and list tenants; move one to more partitions."""


@tenants.command()
@click.argument("name")
@click.option(
    "--partitions", type=COUNTS, default=str(PARTITIONS), show_default=True, help="1024 from a million contacts on."
)
def create(name: str, partitions: str) -> None:
    """Create the tenant NAME, empty; its first key or load would create it with 64 partitions."""
    with build_runtime() as runtime:
        if name in runtime.tenants():
            raise Conflict(f"tenant '{name}' exists")
        ensure_tenant(runtime.redis, name, int(partitions))
    click.echo(f"tenant {name} has {partitions} partitions; a key for it: dog --tenant {name} keys create")


@tenants.command("list")
def list_command() -> None:
    """List the tenants with their numbers of partitions."""
    with build_runtime() as runtime:
        names = runtime.tenants()
        for name, marks in zip(names, read_marks(runtime.redis, names), strict=True):
            count = find_tenant(runtime.redis, name).partition_count
            moving = f"  being moved to {marks.repartitioning[1]}" if marks.repartitioning else ""
            click.echo(f"{name:32} {count:5} partitions{moving}")


@tenants.command()
@click.argument("name")
@click.option("--partitions", type=COUNTS, default=str(MOST_PARTITIONS), show_default=True, help="How many it gets.")
def repartition(name: str, partitions: str) -> None:
    """Move the tenant NAME to more partitions; its calls get 503 until it is done. Repeat it if it was stopped."""
    with build_runtime() as runtime, progress_bar("moving keys") as report:
        before, keys = repartition_tenant(runtime, name, int(partitions), report)
    click.echo(f"tenant {name} has {partitions} partitions instead of {before}; {keys:,} keys were checked")
