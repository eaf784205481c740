"""Publish a hook of `dog.toml`: from now on its sender's events are recorded."""

from dataclasses import dataclass
from datetime import UTC, datetime

from dog.errors import Conflict, InvalidInput
from dog.services.data.mapping.load_map import HookEntry
from dog.services.hooks.schemes import SCHEMES
from dog.services.runtime import Runtime
from dog.storage.hooks import Hook, read_hook, write_hook


@dataclass(frozen=True, slots=True)
class PublishedHook:
    """A hook, and its secret if it is new: shown once."""

    hook: Hook
    new_secret: str | None


def publish_hook(
    runtime: Runtime,
    tenant: str,
    name: str,
    entry: HookEntry,
    *,
    secret: str | None = None,
    renew: bool = False,
) -> PublishedHook:
    """Publish a hook under its name.

    Parameters
    ----------
    secret
        The one that the sender has made; None keeps that of the hook as published before, else makes one.
    renew
        Make a new secret, also where the hook has one.

    Raises
    ------
    InvalidInput
        The scheme needs the secret of its sender, or refuses the one given.
    Conflict
        The name belongs to another tenant.

    """
    scheme, known = SCHEMES[entry.scheme], read_hook(runtime.redis, name)
    if known is not None and known.tenant != tenant:
        raise Conflict(f"the name '{name}' is taken by a hook of another tenant; choose another")
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
    write_hook(runtime.redis, hook)
    return PublishedHook(hook, made)
