"""POST /v1/recommendations: ranked lists."""

from typing import Any

from flask import Response, g
from marshmallow import ValidationError

from dog.api.problems import from_dog_error, from_validation
from dog.api.request_guard import answer, behind, confirm_key, needs, runtime, spend, takes
from dog.api.request_schemas import BatchRequest, RecommendationRequest
from dog.api.response_schemas import BatchAnswer, Decision
from dog.api.routing import routes as make_routes
from dog.errors import DogError, StoreError
from dog.services.lists.recommend import recommend

ONE_REQUEST = RecommendationRequest()

routes = make_routes("recommendations", "Ranked lists, each item with its reasons")


@routes.route("/recommendations", methods=["POST"])
@routes.documents(RecommendationRequest, answers=Decision, problems=(404, 409))
@needs("recommend", confirms=True)
@takes(RecommendationRequest)
def post_recommendations(request: dict[str, Any]) -> Response:
    """Generate a ranked list for one contact: one lap."""
    found = recommend(runtime(), behind(g).tenant, request)
    if found.degraded is None:
        confirm_key()
    return _answer(found.body, found.degraded)


@routes.route("/recommendations/batch", methods=["POST"])
@routes.documents(BatchRequest, answers=BatchAnswer)
@needs("recommend")
@takes(BatchRequest)
def post_batch(batch: dict[str, Any]) -> Response:
    """Generate up to 100 lists; each is answered by itself, in order."""
    spend(len(batch["requests"]) - 1)
    answers = [_one(request) for request in batch["requests"]]
    degraded = next((reason for _, reason in answers if reason), None)
    return _answer(b'{"results":[' + b",".join(body for body, _ in answers) + b"]}", degraded)


def _answer(body: bytes, degraded: str | None) -> Response:
    found = answer(body)
    if degraded is not None:
        found.headers["X-DOG-Degraded"] = degraded
    return found


def _one(request: Any) -> tuple[bytes, str | None]:
    try:
        body, degraded = recommend(runtime(), g.tenant, ONE_REQUEST.load(request))
    except StoreError:
        raise
    except DogError as error:
        return b'{"error":' + from_dog_error(error).get_data() + b"}", None
    except ValidationError as error:
        return b'{"error":' + from_validation(error).get_data() + b"}", None
    return b'{"decision":' + body + b"}", degraded
