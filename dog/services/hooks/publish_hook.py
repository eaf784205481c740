"""Publish hooks of `dog.toml`: from now on the events of their senders are recorded."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from dog.errors import InvalidInput
from dog.services.data.mapping.map_entries import HookEntry
from dog.services.hooks.schemes import SCHEMES
from dog.services.runtime import Runtime
from dog.storage.hooks import Hook, read_own_hook, write_hook


@dataclass(frozen=True, slots=True)
class PublishedHook:
    """A hook, and its secret if it is new: shown once."""

    hook: Hook
    new_secret: str | None


def publish_hooks(
    runtime: Runtime,
    tenant: str,
    entries: Mapping[str, HookEntry],
    *,
    secret: str | None = None,
    renew: bool = False,
) -> list[PublishedHook]:
    """Publish hooks under their names: all, or none where one is refused. The tenant is created if it does not exist.

    Parameters
    ----------
    secret
        The one that the sender has made; None keeps that of a hook as published before, else makes one.
    renew
        Make a new secret, also where a hook has one.

    Raises
    ------
    InvalidInput
        A scheme needs the secret of its sender, or refuses the one given.
    Conflict
        A name belongs to another tenant.

    """
    published = [_prepare(runtime, tenant, name, entry, secret, renew=renew) for name, entry in entries.items()]
    runtime.store(tenant, create=True)
    for one in published:
        write_hook(runtime.redis, one.hook)
    return published


def _prepare(
    runtime: Runtime, tenant: str, name: str, entry: HookEntry, secret: str | None, *, renew: bool
) -> PublishedHook:
    scheme, known = SCHEMES[entry.scheme], read_own_hook(runtime.redis, tenant, name)
    kept = known.secret if known is not None and known.scheme == entry.scheme and not renew else None
    if secret is not None:
        scheme.check_secret(secret)
    elif kept is None and scheme.make_secret is None:
        raise InvalidInput(f"hook {name}: {entry.scheme} makes the secret; give it: --secret-file FILE (- for stdin)")
    made = scheme.make_secret() if secret is None and kept is None and scheme.make_secret is not None else None
    hook = Hook(
        name=name,
        tenant=tenant,
        scheme=entry.scheme,
        secret=secret or made or str(kept),
        mapping=entry.to_document(),
        published_at=datetime.fromtimestamp(runtime.clock() / 1000, UTC).isoformat(timespec="seconds"),
    )
    return PublishedHook(hook, made)
