"""/v1/settings: the settings of a tenant."""

from typing import Any

from flask import Response, g

from dog.api.read_response_schemas import TenantSettingsShownSchema
from dog.api.request_guard import answer, runtime, takes
from dog.api.request_schemas import TenantSettingsSchema
from dog.api.routing import Routes
from dog.services.feedback.release_quarantine import release_quarantine
from dog.storage.proofs import proofs_required, require_proofs
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

routes = Routes("settings", "Rules that a tenant sets itself")


@routes.endpoint("GET", "/v1/settings", scope="read", answers=TenantSettingsShownSchema)
def get_settings() -> Response:
    """Read the tenant's settings."""
    return _settings()


@routes.endpoint("PUT", "/v1/settings", scope="admin", body=TenantSettingsSchema, answers=TenantSettingsShownSchema)
@takes(TenantSettingsSchema)
def put_settings(asked: dict[str, Any]) -> Response:
    """Change settings of the tenant; those left out stay as they are."""
    store = runtime().store(g.tenant)
    if "require_proof" in asked:
        require_proofs(store, required=asked["require_proof"])
    if "replay_share" in asked:
        set_replay_share(store, asked["replay_share"])
    if "unknown" in asked:
        set_unknown_setting(store, asked["unknown"])
        release_quarantine(runtime(), store)
    if "contact_attributes" in asked:
        set_contact_attributes(store, asked["contact_attributes"])
    if "batch_accept" in asked:
        allow_batch_accept(store, allowed=asked["batch_accept"])
    return _settings()


def _settings() -> Response:
    store = runtime().store(g.tenant)
    return answer(
        {
            "require_proof": proofs_required(store),
            "replay_share": read_replay_share(store),
            "unknown": read_unknown_setting(store),
            "contact_attributes": read_contact_attributes(store),
            "batch_accept": allows_batch_accept(store),
        }
    )
