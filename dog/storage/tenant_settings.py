"""Settings that a tenant chooses itself, apart from its policies."""

from dog.storage.audit_log import record_audit_entry
from dog.storage.store import Store

REPLAY_SHARE = "replay_share"
DEFAULT_REPLAY_SHARE = 0.05


def read_replay_share(store: Store) -> float:
    """Return above which share of late outcomes among all the next recompute replays published weeks; in [0, 1]."""
    share = store.execute("HGET", store.keys.of("settings"), REPLAY_SHARE)
    return DEFAULT_REPLAY_SHARE if share is None else float(share)


def set_replay_share(store: Store, share: float) -> None:
    """Set that share: 0 replays for every late outcome, 1 never."""
    store.execute("HSET", store.keys.of("settings"), REPLAY_SHARE, repr(share))
    record_audit_entry(store.redis, store.tenant.name, "settings.change", REPLAY_SHARE, share=share)
