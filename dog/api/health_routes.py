"""/health/live, /health/ready and /metrics."""

from contextlib import suppress

from flask import Response, g
from flask_smorest import Blueprint
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from dog import __version__, metrics
from dog.api.read_response_schemas import LiveSchema, ReadySchema
from dog.api.request_guard import OPEN, answer, needs, runtime
from dog.api.request_steps import confirm_key
from dog.api.routing import problem_responses
from dog.errors import StoreUnavailable
from dog.services.lists.snapshot import Snapshots
from dog.services.operations.tenant_metrics import TenantCollector

routes = Blueprint("health", "health", description="Liveness, readiness, metrics")


@routes.route("/health/live", methods=["GET"])
@routes.alt_response(200, schema=LiveSchema, success=True)
@routes.doc(responses=problem_responses(400, 403))
@needs(OPEN)
def get_live() -> Response:
    """Return that the process answers; Redis is not asked."""
    return answer({"status": "live", "version": __version__})


@routes.route("/health/ready", methods=["GET"])
@routes.alt_response(200, schema=ReadySchema, success=True)
@routes.alt_response(503, schema=ReadySchema)
@routes.doc(responses=problem_responses(400, 403))
@needs(OPEN)
def get_ready() -> Response:
    """Return whether requests can be served, with the reason if not."""
    try:
        runtime().redis.ping()
    except Exception as error:  # noqa: BLE001  # any failure of Redis is the reason
        return answer({"status": "not ready", "reason": f"Redis does not answer: {error}"}, 503)
    return answer({"status": "ready", "durability": runtime().durability.profile})


@routes.route("/metrics", methods=["GET"])
@routes.alt_response(200, schema={"type": "string"}, content_type="text/plain", success=True)
@routes.doc(responses=problem_responses(400, 401, 403, 429, 503))
@needs("read", confirms=True)
def get_metrics() -> Response:
    """Return the metrics of the service and of the key's tenant in the Prometheus text format."""
    with suppress(StoreUnavailable):  # the metrics are most needed then
        runtime().shared(Snapshots).current(runtime().store(g.tenant))
        confirm_key(runtime(), g.tenant, g.presented_key)
    return Response(metrics.exposition(TenantCollector(runtime(), g.tenant)), content_type=CONTENT_TYPE_PLAIN_0_0_4)
