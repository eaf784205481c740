"""/v1/curves: the reinforcement curve of a policy, or of settings in the body."""

from typing import Any

from flask import Response, g, request

from dog.api.read_response_schemas import CurveSchema, PolicyCurveSchema
from dog.api.request_guard import answer, runtime, takes
from dog.api.request_schemas import CurveRequestSchema
from dog.api.routing import Routes, query, read_integer
from dog.services.publishing.draw_curves import MAX_POINTS, draw_curve, draw_policy_curve

POLICY = query("policy", "string", "whose curve; without it that of the default policy")
POINTS = query("points", "integer", "win rates from 0 to 1", default=101, minimum=2, maximum=MAX_POINTS)

routes = Routes("curves", "From win rate to ARM and DRM")


@routes.endpoint(
    "GET", "/v1/curves", scope="read", answers=PolicyCurveSchema, problems=(404,), parameters=[POLICY, POINTS]
)
def get_curves() -> Response:
    """Draw a policy's curve before and after recursions, with the settings used."""
    points, policy = read_integer(POINTS), request.args.get("policy")
    return answer(draw_policy_curve(runtime(), g.tenant, policy, points))


@routes.endpoint("POST", "/v1/curves", scope="read", body=CurveRequestSchema, answers=CurveSchema)
@takes(CurveRequestSchema)
def post_curves(asked: dict[str, Any]) -> Response:
    """Draw the curve of the settings in the body; nothing is stored."""
    return answer(draw_curve(runtime(), g.tenant, asked["reinforcement"], asked["win_rates"], asked["recursions"]))
