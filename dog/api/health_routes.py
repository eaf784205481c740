"""Is it alive, is it ready, how is it doing."""

from contextlib import suppress

from flask import Response, g
from flask_smorest import Blueprint
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from dog import __version__, metrics
from dog.api.read_response_schemas import Live, Ready
from dog.api.request_guard import OPEN, answer, confirm_key, needs, runtime
from dog.errors import StoreUnavailable
from dog.services.lists.snapshot import Snapshots
from dog.services.operations.tenant_metrics import TenantCollector

routes = Blueprint("health", "health", description="Liveness, readiness, metrics")


@routes.route("/health/live", methods=["GET"])
@routes.alt_response(200, schema=Live, success=True)
@needs(OPEN)
def get_live() -> Response:
    """Tell that the process answers; Redis is not asked."""
    return answer({"status": "live", "version": __version__})


@routes.route("/health/ready", methods=["GET"])
@routes.alt_response(200, schema=Ready, success=True)
@routes.alt_response(503, schema=Ready)
@needs(OPEN)
def get_ready() -> Response:
    """Tell whether requests can be served, with the reason when not."""
    try:
        runtime().redis.ping()
    except Exception as error:  # noqa: BLE001  # whatever keeps Redis from answering is the reason
        return answer({"status": "not ready", "reason": f"Redis does not answer: {error}"}, 503)
    return answer({"status": "ready", "durability": runtime().durability.profile})


@routes.route("/metrics", methods=["GET"])
@routes.alt_response(200, schema={"type": "string"}, content_type="text/plain", success=True)
@needs("read", confirms=True)
def get_metrics() -> Response:
    """Report what the service has done, and how the key's tenant stands, in the Prometheus text format."""
    with suppress(StoreUnavailable):  # then more than ever somebody wants to know
        runtime().shared(Snapshots).current(runtime().store(g.tenant))
        confirm_key()
    return Response(metrics.exposition(TenantCollector(runtime(), g.tenant)), content_type=CONTENT_TYPE_PLAIN_0_0_4)
