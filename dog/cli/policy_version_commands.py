"""`dog policy activate`, `rollback`, `default` and `require-proof`: which version serves."""

from collections.abc import Mapping
from typing import Any

import click

from dog.bootstrap import build_runtime
from dog.errors import Conflict
from dog.services.publishing.publish_policy import activate_policy_version, list_policy_versions, make_default
from dog.storage.policy_versions import read_default_policy
from dog.storage.proofs import proofs_required, require_proofs


def activation_of(name: str, version: str) -> str:
    """Return the command that activates a stored version."""
    return f"dog policy activate {name} {version}"


@click.command()
@click.argument("name")
@click.argument("version")
@click.pass_obj
def activate(tenant: str, name: str, version: str) -> None:
    """Activate a stored VERSION of policy NAME, such as a draft."""
    with build_runtime() as runtime:
        activate_policy_version(runtime, tenant, name, version)
    click.echo(f"{name} {version} is active")


@click.command()
@click.argument("name")
@click.argument("version", required=False)
@click.pass_obj
def rollback(tenant: str, name: str, version: str | None) -> None:
    """Activate VERSION of policy NAME again; without VERSION, list the versions."""
    with build_runtime() as runtime:
        rows = list_policy_versions(runtime, tenant, name)
        if version is None:
            for row in rows:
                click.echo(
                    f"{row['version']}  {row['created_at']}  {row['author']:12} {row['state']:7} {row['comment']}"
                    f"{_publication(row)}"
                )
            return
        if any(row["version"] == version and row["state"] == "draft" for row in rows):
            raise Conflict(f"version {version} was never active; to activate it: {activation_of(name, version)}")
        activate_policy_version(runtime, tenant, name, version)
    click.echo(f"{name} {version} is active")


def _publication(row: Mapping[str, Any]) -> str:
    """Return who published a version, where that was not its author, and with which comment of their own."""
    if row["published_by"] in (None, row["author"]):
        return ""
    comment = row["published_comment"]
    return f" (published by {row['published_by']}{f': {comment}' if comment not in ('', row['comment']) else ''})"


@click.command()
@click.argument("name", required=False)
@click.pass_obj
def default(tenant: str, name: str | None) -> None:
    """Let the active policy NAME serve the requests that name none; without NAME, show which one does."""
    with build_runtime() as runtime:
        if name is not None:
            make_default(runtime, tenant, name)
        click.echo(read_default_policy(runtime.store(tenant)))


@click.command("require-proof")
@click.argument("answer", type=click.Choice(["on", "off"]), required=False)
@click.pass_obj
def require_proof(tenant: str, answer: str | None) -> None:
    """Require a proof against the active version before every activation (on, off), or show the setting."""
    with build_runtime() as runtime:
        store = runtime.store(tenant, create=answer is not None)
        if answer is not None:
            require_proofs(store, required=answer == "on")
        required = proofs_required(store)
    click.echo(f"a proof is {'required' if required else 'not required'} before a policy becomes active")
