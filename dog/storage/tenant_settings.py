"""Settings that a tenant chooses itself, apart from its policies."""

from collections.abc import Sequence

import orjson

from dog.storage.audit_log import record_audit_entry
from dog.storage.store import Store

REPLAY_SHARE = "replay_share"
UNKNOWN = "unknown"
UNKNOWN_CHOICES = ("accept", "quarantine", "refuse")
"""What happens to feedback and rows with unknown names; the first is the default."""
DEFAULT_REPLAY_SHARE = 0.05
CONTACT_ATTRIBUTES = "contact_attributes"
MOST_ATTRIBUTES = 12
BATCH_ACCEPT = "batch_accept"


def read_replay_share(store: Store) -> float:
    """Return above which share of late outcomes among all the next recompute replays published weeks; in [0, 1]."""
    share = store.execute("HGET", store.keys.of("settings"), REPLAY_SHARE)
    return DEFAULT_REPLAY_SHARE if share is None else float(share)


def set_replay_share(store: Store, share: float) -> None:
    """Set that share: 0 replays for every late outcome, 1 never."""
    store.execute("HSET", store.keys.of("settings"), REPLAY_SHARE, repr(share))
    record_audit_entry(store.redis, store.tenant.name, "settings.change", REPLAY_SHARE, share=share)


def read_unknown_setting(store: Store) -> str:
    """Return what happens to unknown names: one of `UNKNOWN_CHOICES`."""
    choice = store.execute("HGET", store.keys.of("settings"), UNKNOWN)
    return UNKNOWN_CHOICES[0] if choice is None else str(choice.decode())


def set_unknown_setting(store: Store, choice: str) -> None:
    """Set what happens to unknown names."""
    store.execute("HSET", store.keys.of("settings"), UNKNOWN, choice)
    record_audit_entry(store.redis, store.tenant.name, "settings.change", UNKNOWN, unknown=choice)


def read_contact_attributes(store: Store) -> list[str]:
    """Return the attributes of a contact that the inbox shows, in their order; empty where the tenant chose none."""
    names = store.execute("HGET", store.keys.of("settings"), CONTACT_ATTRIBUTES)
    return [] if names is None else list(orjson.loads(names))


def set_contact_attributes(store: Store, names: Sequence[str]) -> None:
    """Set these attributes; none: the inbox chooses."""
    store.execute("HSET", store.keys.of("settings"), CONTACT_ATTRIBUTES, orjson.dumps(names))
    record_audit_entry(store.redis, store.tenant.name, "settings.change", CONTACT_ATTRIBUTES, names=list(names))


def allows_batch_accept(store: Store) -> bool:
    """Return whether a rep may accept the first item of several contacts at once, without seeing their lists."""
    return bool(store.execute("HGET", store.keys.of("settings"), BATCH_ACCEPT) == b"1")


def allow_batch_accept(store: Store, *, allowed: bool) -> None:
    """Set whether a rep may do so."""
    store.execute("HSET", store.keys.of("settings"), BATCH_ACCEPT, int(allowed))
    record_audit_entry(store.redis, store.tenant.name, "settings.change", BATCH_ACCEPT, allowed=allowed)
