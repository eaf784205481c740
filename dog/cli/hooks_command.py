"""`dog hooks`: the addresses to which other services push events."""

from pathlib import Path
from typing import TextIO

import click

from dog.bootstrap import build_runtime
from dog.errors import InvalidInput
from dog.services.data.mapping.load_map import read_load_map
from dog.services.hooks.publish_hook import publish_hooks
from dog.storage.hooks import Hook, list_hooks, remove_hook


@click.group()
def hooks() -> None:
    """Let other services push events: publish, list and remove hooks."""


@hooks.command()
@click.argument("map_file", metavar="DOG_TOML", type=click.Path(path_type=Path))
@click.argument("name", required=False)
@click.option("--secret-file", type=click.File("r"), help="The secret that the sender has made; - for stdin.")
@click.option("--new-secret", is_flag=True, help="Make a new secret; the old one is refused from now on.")
@click.pass_obj
def publish(tenant: str, map_file: Path, name: str | None, secret_file: TextIO | None, *, new_secret: bool) -> None:
    """Publish the hooks of DOG_TOML, or the one of this NAME; print each address, and a new secret once."""
    entries = read_load_map(map_file).hooks
    if name is not None and name not in entries:
        raise InvalidInput(f"{map_file.name} has no table [hooks.{name}]; it has {', '.join(entries) or 'no hooks'}")
    chosen = entries if name is None else {name: entries[name]}
    if not chosen:
        raise InvalidInput(f"{map_file.name} has no hooks; write a table [hooks.NAME]")
    if secret_file is not None and (new_secret or len(chosen) > 1):
        raise click.UsageError("--secret-file is for one hook: give its NAME, and leave --new-secret out")
    secret = secret_file.read().strip() if secret_file is not None else None
    with build_runtime() as runtime:
        kept = "secret as given" if secret else "secret as before"
        for one in publish_hooks(runtime, tenant, chosen, secret=secret, renew=new_secret):
            click.echo(_told(one.hook))
            click.echo(f"secret, shown once: {one.new_secret}" if one.new_secret else kept)


@hooks.command("list")
@click.pass_obj
def list_command(tenant: str) -> None:
    """List the tenant's hooks."""
    with build_runtime() as runtime:
        for hook in list_hooks(runtime.redis, tenant):
            click.echo(f"{_told(hook)}  since {hook.published_at}")


@hooks.command()
@click.argument("name")
@click.pass_obj
def remove(tenant: str, name: str) -> None:
    """Remove a hook: from now on its requests are refused."""
    with build_runtime() as runtime:
        remove_hook(runtime.redis, tenant, name)
        click.echo(f"removed {name}")


def _told(hook: Hook) -> str:
    return f"{hook.name}: {hook.scheme}, POST https://HOST/v1/hooks/{hook.name}"
