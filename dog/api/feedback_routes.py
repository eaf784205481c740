"""POST /v1/feedback and its retraction: what users did with recommendations."""

from typing import Any

from flask import Response, g
from marshmallow import ValidationError

from dog.api.feedback_response_schemas import FeedbackAnswerSchema, RetractedSchema
from dog.api.request_guard import answer, charge_rate_limit, read_json, runtime
from dog.api.request_schemas import FeedbackRequestSchema
from dog.api.routing import Routes
from dog.services.feedback.answer_feedback import answer_feedback
from dog.services.feedback.record_feedback import retract_feedback
from dog.services.feedback.vote_units import vote_units
from dog.services.operations.rate_limits import EVENTS_OR_ROWS_A_UNIT
from dog.storage.sender import Sender

routes = Routes("feedback", "Accept, discard, restructure, pitch, win, loss")


@routes.endpoint("POST", "/v1/feedback", scope="feedback", body=FeedbackRequestSchema, answers=FeedbackAnswerSchema)
def post_feedback() -> Response:
    """Record up to 1,000 events, each once, each with its own result."""
    body = _check_body(read_json())
    charge_rate_limit(len(body["events"]) / EVENTS_OR_ROWS_A_UNIT + vote_units(runtime(), g.tenant, body["events"]))
    return answer(
        answer_feedback(
            runtime(),
            g.tenant,
            body["events"],
            substitute=body.get("substitute", False),
            sender=Sender(key_id=g.key.key_id, is_admin="admin" in g.key.scopes, names_actors="actors" in g.key.scopes),
        )
    )


def _check_body(body: Any) -> dict[str, Any]:
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


@routes.endpoint(
    "POST", "/v1/feedback/<path:event_id>/retract", scope="feedback", answers=RetractedSchema, problems=(404, 409)
)
def post_retract(event_id: str) -> Response:
    """Retract an event as if it had never been sent."""
    retracted = retract_feedback(runtime().store(g.tenant), event_id)
    return answer({"event_id": event_id, "status": "retracted", "repeated": not retracted})
