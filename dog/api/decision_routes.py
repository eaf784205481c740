"""GET /v1/decisions/{decision_id}: what was recommended, and why."""

from flask import Response, g, request

from dog.api.request_guard import answer, runtime
from dog.api.response_schemas import DecisionSchema, WhyNotSchema
from dog.api.routing import Routes, query
from dog.errors import InvalidInput
from dog.services.lists.kept_decisions import present_decision, read_kept_decision
from dog.services.lists.list_request import EXPLANATIONS
from dog.services.lists.why_not import why_not

routes = Routes("decisions", "What was recommended, and why")


@routes.endpoint(
    "GET",
    "/v1/decisions/<path:decision_id>",
    scope="read",
    answers={"anyOf": [DecisionSchema, WhyNotSchema]},
    problems=(404,),
    parameters=[
        query("explain", "string", "level of detail", enum=list(EXPLANATIONS), default="full"),
        query("why_not", "string", "a product, to explain why it is not on the list"),
    ],
)
def get_decision(decision_id: str) -> Response:
    """Read a decision as it was made; nothing is counted or changed."""
    if product_id := request.args.get("why_not"):
        return answer(why_not(runtime(), g.tenant, decision_id, product_id))
    explain = request.args.get("explain", "full")
    if explain not in EXPLANATIONS:
        raise InvalidInput(f"explain must be one of {', '.join(EXPLANATIONS)}")
    return answer(present_decision(read_kept_decision(runtime(), g.tenant, decision_id), explain))
