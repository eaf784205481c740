"""The settings that a tenant chooses itself: read all of them, change some."""

from collections.abc import Mapping
from typing import Any

from dog.services.feedback.release_quarantine import release_quarantine
from dog.services.runtime import Runtime
from dog.storage.proofs import proofs_required, require_proofs
from dog.storage.store import Store
from dog.storage.tenant_settings import (
    allow_batch_accept,
    allows_batch_accept,
    read_contact_attributes,
    read_replay_share,
    read_unknown_setting,
    set_contact_attributes,
    set_replay_share,
    set_unknown_setting,
)


def read_tenant_settings(store: Store) -> dict[str, Any]:
    """Return all settings by their names in `/v1/settings`."""
    return {
        "require_proof": proofs_required(store),
        "replay_share": read_replay_share(store),
        "unknown": read_unknown_setting(store),
        "contact_attributes": read_contact_attributes(store),
        "batch_accept": allows_batch_accept(store),
    }


def change_settings(runtime: Runtime, tenant: str, changes: Mapping[str, Any]) -> None:
    """Change settings that were validated; those left out stay as they are."""
    store = runtime.store(tenant)
    if "require_proof" in changes:
        require_proofs(store, required=changes["require_proof"])
    if "replay_share" in changes:
        set_replay_share(store, changes["replay_share"])
    if "unknown" in changes:
        set_unknown_setting(store, changes["unknown"])
        release_quarantine(runtime, store)
    if "contact_attributes" in changes:
        set_contact_attributes(store, changes["contact_attributes"])
    if "batch_accept" in changes:
        allow_batch_accept(store, allowed=changes["batch_accept"])
