"""/v1/curves: the reinforcement curve, as it is or as it would be."""

from typing import Any

from flask import Response, g, request

from dog.api.read_response_schemas import Curve, PolicyCurve
from dog.api.request_guard import answer, needs, runtime, takes
from dog.api.request_schemas import CurveRequest
from dog.api.routing import query
from dog.api.routing import routes as make_routes
from dog.errors import InvalidInput
from dog.services.publishing.draw_curves import MAX_POINTS, draw_curve, draw_policy_curve

routes = make_routes("curves", "From win rate to ARM and DRM")


@routes.route("/curves", methods=["GET"])
@routes.documents(
    answers=PolicyCurve,
    problems=(404,),
    parameters=[
        query("policy", "string", "whose curve", default="recommended"),
        query("points", "integer", "win rates from 0 to 1", default=101, minimum=2, maximum=MAX_POINTS),
    ],
)
@needs("read")
def get_curves() -> Response:
    """Draw a policy's curve before and after recursions, with the settings used."""
    points = request.args.get("points", "101")
    if not points.isascii() or not points.isdigit() or not 2 <= int(points) <= MAX_POINTS:
        raise InvalidInput(f"points must be a whole number from 2 to {MAX_POINTS}")
    return answer(draw_policy_curve(runtime(), g.tenant, request.args.get("policy", "recommended"), int(points)))


@routes.route("/curves", methods=["POST"])
@routes.documents(CurveRequest, answers=Curve)
@needs("read")
@takes(CurveRequest)
def post_curves(asked: dict[str, Any]) -> Response:
    """Draw the curve of the settings in the body; nothing is stored."""
    return answer(draw_curve(runtime(), g.tenant, asked["reinforcement"], asked["win_rates"], asked["recursions"]))
