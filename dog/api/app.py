"""The Flask application: the door, the problems, the routes, the documentation."""

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
    job_routes,
    multiplier_routes,
    policy_routes,
    recommendation_routes,
    row_routes,
    run_routes,
    tenant_settings_routes,
)
from dog.api.problems import register_problems
from dog.api.request_guard import MAX_IMPORT_BYTES, OPEN, needs, register_door
from dog.api.request_schemas import Problem
from dog.api.routing import ROOT, Documentation
from dog.services.runtime import Runtime

BLUEPRINTS = (
    recommendation_routes.routes,
    decision_routes.routes,
    feedback_routes.routes,
    multiplier_routes.routes,
    curve_routes.routes,
    job_routes.routes,
    policy_routes.routes,
    row_routes.routes,
    contact_routes.routes,
    health_routes.routes,
    audit_routes.routes,
    run_routes.routes,
    tenant_settings_routes.routes,
)
DESCRIPTION = Path(__file__).with_name("description.md")


class Application(Flask):
    """Flask, told that none of its views is a coroutine, which it would ask a dozen times a request."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Give the function as it is."""
        return func


def create_app(runtime: Runtime) -> Flask:
    """Build the application around what bootstrap built."""
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
    register_door(app)
    api = Documentation(app)
    api.DEFAULT_ERROR_RESPONSE_NAME = None  # every status is named
    api.ERROR_SCHEMA = Problem
    api.spec.components.schema("Problem", schema=Problem)
    for routes in BLUEPRINTS:
        api.register_blueprint(routes)
    register_problems(app)

    @app.get("/docs-assets/<path:name>")
    @needs(OPEN)
    def docs_assets(name: str) -> Response:
        import flask_swagger_ui  # noqa: PLC0415  # takes a fiftieth of the start

        return send_from_directory(Path(flask_swagger_ui.__file__).parent / "dist", name)

    @app.get("/docs/errors")
    @needs(OPEN)
    def docs_errors() -> Response:
        return Response((ROOT / "docs" / "reference" / "errors.md").read_bytes(), mimetype="text/markdown")

    return app
