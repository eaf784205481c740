"""/v1/settings: the settings of a tenant."""

from typing import Any

from flask import Response, g

from dog.api.request_guard import answer, runtime, takes
from dog.api.request_schemas import TenantSettingsSchema
from dog.api.routing import Routes
from dog.storage.proofs import proofs_required, require_proofs

routes = Routes("settings", "Rules that a tenant sets itself")


@routes.endpoint("GET", "/v1/settings", scope="read", answers=TenantSettingsSchema)
def get_settings() -> Response:
    """Read the tenant's settings."""
    return _settings()


@routes.endpoint("PUT", "/v1/settings", scope="admin", body=TenantSettingsSchema, answers=TenantSettingsSchema)
@takes(TenantSettingsSchema)
def put_settings(asked: dict[str, Any]) -> Response:
    """Change the tenant's settings."""
    require_proofs(runtime().store(g.tenant), required=asked["require_proof"])
    return _settings()


def _settings() -> Response:
    return answer({"require_proof": proofs_required(runtime().store(g.tenant))})
