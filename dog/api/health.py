"""Is it alive, is it ready, how is it doing."""

from flask import Response
from flask_smorest import Blueprint
from prometheus_client import generate_latest

from dog import __version__
from dog.api.door import OPEN, answer, house, needs

routes = Blueprint("health", "health", description="Liveness, readiness, metrics")


@routes.route("/health/live", methods=["GET"])
@needs(OPEN)
def get_live() -> Response:
    """Tell that the process answers; Redis is not asked."""
    return answer({"status": "live", "version": __version__})


@routes.route("/health/ready", methods=["GET"])
@needs(OPEN)
def get_ready() -> Response:
    """Tell whether requests can be served, with the reason when not."""
    try:
        house().redis.ping()
    except Exception as error:  # noqa: BLE001  # whatever keeps Redis from answering is the reason
        return answer({"status": "not ready", "reason": f"Redis does not answer: {error}"}, 503)
    return answer({"status": "ready", "durability": house().durability.profile})


@routes.route("/metrics", methods=["GET"])
@needs("read")
def get_metrics() -> Response:
    """Report metrics in the Prometheus text format."""
    return Response(generate_latest(), mimetype="text/plain")
