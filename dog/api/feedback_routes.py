"""POST /v1/feedback: what users did with recommendations."""

from typing import Any

from flask import Response, g
from marshmallow import ValidationError

from dog.api.request_guard import answer, needs, read_json, runtime, spend
from dog.api.request_schemas import FeedbackRequest
from dog.api.response_schemas import FeedbackAnswer, Retracted
from dog.api.routing import routes as make_routes
from dog.services.feedback.feedback_effects import record_with_effects
from dog.services.feedback.record_feedback import retract_feedback
from dog.services.operations.rate_limits import EVENTS_OR_ROWS_A_UNIT

routes = make_routes("feedback", "Accept, discard, restructure, pitch, win, loss")


@routes.route("/feedback", methods=["POST"])
@routes.documents(FeedbackRequest, answers=FeedbackAnswer)
@needs("feedback")
def post_feedback() -> Response:
    """Record up to 1,000 events, each once, each with its own result."""
    body = _feedback_body(read_json())
    spend(len(body["events"]) / EVENTS_OR_ROWS_A_UNIT)
    return answer(
        record_with_effects(
            runtime(),
            g.tenant,
            body["events"],
            substitute=body.get("substitute", False),
            by_admin="admin" in g.key.scopes,
            key_id=g.key.key_id,
        )
    )


def _feedback_body(body: Any) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise ValidationError({"_schema": ['send a JSON object: {"events": [...]}']})
    faults = {name: ["Unknown field."] for name in body if name not in ("events", "substitute")}
    if not isinstance(body.get("events"), list) or not body["events"]:
        faults["events"] = ["must be a list of 1 to 1000 events"]
    if not isinstance(body.get("substitute", False), bool):
        faults["substitute"] = ["must be true or false"]
    if faults:
        raise ValidationError(faults)
    return body


@routes.route("/feedback/<path:event_id>/retract", methods=["POST"])
@routes.documents(answers=Retracted, problems=(404, 409))
@needs("feedback")
def post_retract(event_id: str) -> Response:
    """Take an event back as if it had never come."""
    taken_back = retract_feedback(runtime().store(g.tenant), event_id)
    return answer({"event_id": event_id, "status": "retracted", "repeated": not taken_back})
