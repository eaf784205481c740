"""/v1/verdicts: verdicts that act beyond one contact, listed and lifted."""

from flask import Response, g, request

from dog.api.request_guard import answer, runtime
from dog.api.routing import Routes, query, read_integer
from dog.api.verdict_response_schemas import LiftedVerdictSchema, VerdictPageSchema
from dog.services.feedback.list_verdicts import MAX_LIMIT, lift_verdict, list_verdicts

LIMIT = query("limit", "integer", "rows a page", default=MAX_LIMIT, minimum=1, maximum=MAX_LIMIT)

routes = Routes("verdicts", "Verdicts that act beyond one contact")


@routes.endpoint(
    "GET",
    "/v1/verdicts",
    scope="read",
    answers=VerdictPageSchema,
    parameters=[
        query("scope", "string", "only this scope: segment, tenant, actor, admin or account"),
        query("cursor", "string", "next_cursor of the page before"),
        LIMIT,
    ],
)
def get_verdicts() -> Response:
    """List what was voted on beyond a contact: votes, effect, end; those that act first."""
    arguments = request.args
    return answer(
        list_verdicts(
            runtime(),
            g.tenant,
            scope=arguments.get("scope"),
            cursor=arguments.get("cursor"),
            limit=read_integer(LIMIT),
        )
    )


@routes.endpoint("POST", "/v1/verdicts/<verdict_id>/lift", scope="admin", answers=LiftedVerdictSchema, problems=(404,))
def post_lift(verdict_id: str) -> Response:
    """End the effect of the votes given until now; votes given later count."""
    return answer(lift_verdict(runtime(), g.tenant, verdict_id))
