"""/v1/settings: the settings of a tenant."""

from typing import Any

from flask import Response, g

from dog.api.read_response_schemas import TenantSettingsShownSchema
from dog.api.request_guard import answer, runtime, takes
from dog.api.request_schemas import TenantSettingsSchema
from dog.api.routing import Routes
from dog.services.operations.change_settings import change_settings, read_tenant_settings

routes = Routes("settings", "Rules that a tenant sets itself")


@routes.endpoint("GET", "/v1/settings", scope="read", answers=TenantSettingsShownSchema)
def get_settings() -> Response:
    """Read the tenant's settings."""
    return answer(read_tenant_settings(runtime().store(g.tenant)))


@routes.endpoint("PUT", "/v1/settings", scope="admin", body=TenantSettingsSchema, answers=TenantSettingsShownSchema)
@takes(TenantSettingsSchema)
def put_settings(asked: dict[str, Any]) -> Response:
    """Change settings of the tenant; those left out stay as they are."""
    change_settings(runtime(), g.tenant, asked)
    return get_settings()
