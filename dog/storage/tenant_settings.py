"""Settings that a tenant chooses itself, apart from its policies."""

from dog.storage.audit_log import record_audit_entry
from dog.storage.store import Store

REPLAY_SHARE = "replay_share"
UNKNOWN = "unknown"
UNKNOWN_CHOICES = ("accept", "quarantine", "refuse")
"""What happens to feedback and rows with unknown names; the first is the default."""
DEFAULT_REPLAY_SHARE = 0.05


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
