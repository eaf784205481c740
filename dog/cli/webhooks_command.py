"""`dog webhooks`: the URL that is notified of ended jobs and activated policies."""

import click

from dog.bootstrap import build_runtime
from dog.services.operations.webhooks import set_webhook
from dog.storage.webhook_config import read_webhook, remove_webhook


@click.group()
def webhooks() -> None:
    """Notify a URL of ended jobs and activated policies."""


@webhooks.command("set")
@click.argument("url")
@click.option("--allow-private", is_flag=True, help="Also plain http, and addresses of this machine and network.")
@click.pass_obj
def set_command(tenant: str, url: str, allow_private: bool) -> None:
    """Notify URL from now on; print the secret that signs the notifications: once, as the only line."""
    with build_runtime() as runtime:
        click.echo(set_webhook(runtime, tenant, url, allow_private=allow_private))


@webhooks.command()
@click.pass_obj
def show(tenant: str) -> None:
    """Show the URL and its failed notifications."""
    with build_runtime() as runtime:
        found = read_webhook(runtime.store(tenant))
    if found is None:
        click.echo("no webhook is set; see: dog webhooks set")
        return
    click.echo(
        f"{found.url}  {found.given_up} given up, {found.attempts} attempts of the next  {found.last_error}".rstrip()
    )


@webhooks.command()
@click.pass_obj
def remove(tenant: str) -> None:
    """Stop the notifications."""
    with build_runtime() as runtime:
        gone = remove_webhook(runtime.store(tenant))
    click.echo("webhook removed" if gone else "no webhook was set")
