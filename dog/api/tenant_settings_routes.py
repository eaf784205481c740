"""/v1/settings: the rules that a tenant sets itself."""

from typing import Any

from flask import Response, g

from dog.api.request_guard import answer, needs, runtime, takes
from dog.api.request_schemas import TenantSettings
from dog.api.routing import routes as make_routes
from dog.storage.proofs import proofs_required, require_proofs

routes = make_routes("settings", "Rules that a tenant sets itself")


@routes.route("/settings", methods=["GET"])
@routes.documents(answers=TenantSettings)
@needs("read")
def get_settings() -> Response:
    """Read the tenant's settings."""
    return _shown()


@routes.route("/settings", methods=["PUT"])
@routes.documents(TenantSettings, answers=TenantSettings)
@needs("admin")
@takes(TenantSettings)
def put_settings(asked: dict[str, Any]) -> Response:
    """Change the tenant's settings."""
    require_proofs(runtime().store(g.tenant), required=asked["require_proof"])
    return _shown()


def _shown() -> Response:
    return answer({"require_proof": proofs_required(runtime().store(g.tenant))})
