"""The Flask application: request guard, routes, problems, OpenAPI."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask, Response, send_from_directory

from dog import __version__
from dog.api import (
    audit_routes,
    contact_routes,
    curve_routes,
    decision_routes,
    feedback_routes,
    health_routes,
    hook_routes,
    job_routes,
    model_routes,
    multiplier_routes,
    policy_routes,
    recommendation_routes,
    row_routes,
    run_routes,
    tenant_settings_routes,
    verdict_routes,
)
from dog.api.list_route import register_list_route
from dog.api.problems import register_problems
from dog.api.request_guard import MAX_IMPORT_BYTES, OPEN, needs, register_request_guard
from dog.api.response_schemas import ProblemSchema
from dog.api.routing import OpenApi
from dog.services.runtime import Runtime
from dog.shipped_files import shipped

ROUTE_MODULES = (
    recommendation_routes,
    decision_routes,
    feedback_routes,
    multiplier_routes,
    curve_routes,
    job_routes,
    policy_routes,
    row_routes,
    model_routes,
    contact_routes,
    health_routes,
    audit_routes,
    run_routes,
    tenant_settings_routes,
    verdict_routes,
    hook_routes,
)
DESCRIPTION = Path(__file__).with_name("description.md")


class Application(Flask):
    """Flask without the check whether a function is a coroutine, which it makes a dozen times per request."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function unchanged: no view is a coroutine."""
        return func


def create_app(runtime: Runtime) -> Flask:
    """Build the application around a runtime."""
    app = Application("dog", static_folder=None)
    app.extensions["dog"] = runtime
    runtime.serves = True
    app.config.update(
        MAX_CONTENT_LENGTH=MAX_IMPORT_BYTES,
        API_TITLE="DOG, the Decision Option Generator",
        API_VERSION=__version__,
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/",
        OPENAPI_JSON_PATH="openapi.json",
        OPENAPI_SWAGGER_UI_PATH="docs",
        OPENAPI_SWAGGER_UI_URL="/docs-assets/",
        API_SPEC_OPTIONS={
            "info": {"description": DESCRIPTION.read_text("utf-8")},
            "security": [{"key": []}],
            "components": {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
        },
    )
    register_request_guard(app)
    api = OpenApi(app)
    api.DEFAULT_ERROR_RESPONSE_NAME = None  # each route names its statuses
    api.ERROR_SCHEMA = ProblemSchema
    api.spec.components.schema("Problem", schema=ProblemSchema)
    for module in ROUTE_MODULES:
        api.register_blueprint(module.routes)
    register_problems(app)
    register_list_route(app)

    @app.get("/docs-assets/<path:name>")
    @needs(OPEN)
    def docs_assets(name: str) -> Response:
        import flask_swagger_ui  # noqa: PLC0415  # saves a fiftieth of the start

        return send_from_directory(Path(flask_swagger_ui.__file__).parent / "dist", name)

    @app.get("/docs/errors")
    @needs(OPEN)
    def docs_errors() -> Response:
        return Response(shipped("docs/reference/errors.md").read_bytes(), mimetype="text/markdown")

    return app
