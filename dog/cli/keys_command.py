"""`python -m dog keys`: make, list and revoke API keys."""

from datetime import UTC, datetime
from typing import Any

import click

from dog.bootstrap import build_runtime
from dog.storage.api_keys import SCOPES, create_key, list_keys, revoke_key


@click.group()
def keys() -> None:
    """Make, list and revoke API keys."""


@keys.command()
@click.option("--name", default="", help="What the key is for.")
@click.option("--scopes", default=",".join(SCOPES), show_default=True, help="What it may do, separated by commas.")
@click.option("--expires", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]), help="When it ends (UTC).")
@click.option("--per-second", type=click.IntRange(1, 100_000), help="How often it may ask; see docs/operations.md.")
@click.pass_obj
def create(options: Any, name: str, scopes: str, expires: datetime | None, per_second: int | None) -> None:
    """Make a key and print it: once, as the only line."""
    if expires and expires.replace(tzinfo=UTC) <= datetime.now(UTC):
        raise click.BadParameter("lies in the past; the key would open nothing", param_hint="--expires")
    runtime = build_runtime()
    try:
        owner = options.tenant
        runtime.store(owner, create=True)
        wanted = tuple(scope.strip() for scope in scopes.split(",") if scope.strip())
        until = expires.replace(tzinfo=UTC) if expires else None
        click.echo(create_key(runtime.redis, owner, name, wanted, until, datetime.now(UTC), per_second))
    finally:
        runtime.close()


@keys.command("list")
@click.pass_obj
def list_command(options: Any) -> None:
    """List the tenant's keys; the keys themselves are not kept."""
    runtime = build_runtime()
    try:
        now = datetime.now(UTC)
        for key in list_keys(runtime.redis, options.tenant):
            state = "valid" if key.is_valid_at(now) else "revoked" if key.revoked_at else "expired"
            click.echo(f"{key.key_id}  {state:8} {','.join(key.scopes):32} {key.created_at}  {key.name}")
    finally:
        runtime.close()


@keys.command()
@click.argument("key_id")
@click.pass_obj
def revoke(options: Any, key_id: str) -> None:
    """Make a key open nothing from now on."""
    runtime = build_runtime()
    try:
        revoke_key(runtime.redis, options.tenant, key_id, datetime.now(UTC))
        click.echo(f"revoked {key_id}")
    finally:
        runtime.close()
