"""`dog keys`: create, list and revoke API keys."""

from datetime import UTC, datetime

import click

from dog.bootstrap import build_runtime
from dog.storage.api_keys import DEFAULT_SCOPES, create_key, list_keys, revoke_key

SCOPES_HELP = "What it may do, separated by commas; actors: each actor_id that it names is a voter of its own."


@click.group()
def keys() -> None:
    """Create, list and revoke API keys."""


def _read_expiry(_context: click.Context, _option: click.Parameter, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        expires = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter("is not a day or time; write it as 2027-01-01 or 2027-01-01T00:00:00Z") from None
    if expires.tzinfo is None:
        expires = expires.replace(tzinfo=UTC)
    if expires <= datetime.now(UTC):
        raise click.BadParameter("is in the past; the key would never work")
    return expires


@keys.command()
@click.option("--name", default="", help="What the key is for.")
@click.option("--scopes", default=",".join(DEFAULT_SCOPES), show_default=True, help=SCOPES_HELP)
@click.option(
    "--expires", callback=_read_expiry, help="Day or time at which it expires: 2027-01-01 (UTC), 2027-01-01T00:00:00Z."
)
@click.option("--per-second", type=click.IntRange(1, 100_000), help="Its rate limit; see docs/how-to/access.md.")
@click.pass_obj
def create(tenant: str, name: str, scopes: str, expires: datetime | None, per_second: int | None) -> None:
    """Create a key and print it: once, as the only line."""
    with build_runtime() as runtime:
        runtime.store(tenant, create=True)
        wanted = tuple(scope.strip() for scope in scopes.split(",") if scope.strip())
        click.echo(create_key(runtime.redis, tenant, name, wanted, expires, datetime.now(UTC), per_second))


@keys.command("list")
@click.pass_obj
def list_command(tenant: str) -> None:
    """List the tenant's keys; the keys themselves are not stored."""
    with build_runtime() as runtime:
        now = datetime.now(UTC)
        for key in list_keys(runtime.redis, tenant):
            state = "valid" if key.is_valid_at(now) else "revoked" if key.revoked_at else "expired"
            click.echo(f"{key.key_id}  {state:8} {','.join(key.scopes):32} {key.created_at}  {key.name}")


@keys.command()
@click.argument("key_id")
@click.pass_obj
def revoke(tenant: str, key_id: str) -> None:
    """Revoke a key: from now on it is refused."""
    with build_runtime() as runtime:
        revoke_key(runtime.redis, tenant, key_id, datetime.now(UTC))
        click.echo(f"revoked {key_id}")
