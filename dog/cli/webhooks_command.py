"""`python -m dog webhooks`: whom to tell of jobs that ended and policies that came in force."""

from typing import Any

import click

from dog.bootstrap import build_runtime
from dog.services.operations.webhooks import set_webhook
from dog.storage.webhook_config import read_webhook, remove_webhook


@click.group()
def webhooks() -> None:
    """Tell an address of jobs that ended and policies that came in force."""


@webhooks.command("set")
@click.argument("url")
@click.option("--allow-private", is_flag=True, help="Also plain http, and addresses of this machine and network.")
@click.pass_obj
def set_command(options: Any, url: str, allow_private: bool) -> None:
    """Tell URL from now on, and print the secret it is signed with: once, as the only line."""
    runtime = build_runtime()
    try:
        click.echo(set_webhook(runtime, options.tenant, url, allow_private=allow_private))
    finally:
        runtime.close()


@webhooks.command()
@click.pass_obj
def show(options: Any) -> None:
    """Show who is told, and what could not be told."""
    runtime = build_runtime()
    try:
        found = read_webhook(runtime.store(options.tenant))
    finally:
        runtime.close()
    if found is None:
        click.echo("nobody is told; see: python -m dog webhooks set")
        return
    click.echo(
        f"{found.url}  {found.given_up} given up, {found.attempts} attempts of the next  {found.last_error}".rstrip()
    )


@webhooks.command()
@click.pass_obj
def remove(options: Any) -> None:
    """Tell nobody any more."""
    runtime = build_runtime()
    try:
        gone = remove_webhook(runtime.store(options.tenant))
    finally:
        runtime.close()
    click.echo("nobody is told any more" if gone else "nobody was told")
