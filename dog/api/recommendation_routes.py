"""POST /v1/recommendations: ranked lists of a contact's products, and of contacts."""

from typing import Any

from flask import Response, g
from marshmallow import ValidationError

from dog.api.list_route import METHOD, PATH, SCOPE, make_list
from dog.api.problems import from_dog_error, from_validation
from dog.api.request_guard import answer, charge_rate_limit, runtime, takes, unwrap
from dog.api.request_schemas import BatchRequestSchema, ContactsRequestSchema, RecommendationRequestSchema
from dog.api.response_schemas import BatchAnswerSchema, DecisionSchema, RankedContactsSchema
from dog.api.routing import Routes
from dog.errors import DogError, StoreError
from dog.services.lists.list_request import ListRequest
from dog.services.lists.recommend import recommend
from dog.services.lists.recommend_contacts import ContactsRequest, recommend_contacts

REQUEST_SCHEMA = RecommendationRequestSchema()

routes = Routes("recommendations", "Ranked lists, each item with its reasons")


@routes.endpoint(
    METHOD,
    PATH,
    scope=SCOPE,
    confirms=True,
    body=RecommendationRequestSchema,
    answers=DecisionSchema,
    problems=(404, 409),
)
@takes(RecommendationRequestSchema)
def post_recommendations(request: ListRequest) -> Response:
    """Generate a ranked list for one contact; it counts one lap."""
    state = unwrap(g)
    return _answer(*make_list(runtime(), state.tenant, request, state.presented_key))


@routes.endpoint(
    "POST", "/v1/recommendations/batch", scope="recommend", body=BatchRequestSchema, answers=BatchAnswerSchema
)
@takes(BatchRequestSchema)
def post_batch(batch: dict[str, Any]) -> Response:
    """Generate up to 100 lists, each with its own result, in the order sent."""
    charge_rate_limit(len(batch["requests"]) - 1)
    answers = [_recommend_one(request) for request in batch["requests"]]
    degraded = next((reason for _, reason in answers if reason), None)
    return _answer(b'{"results":[' + b",".join(body for body, _ in answers) + b"]}", degraded)


@routes.endpoint(
    "POST",
    "/v1/recommendations/contacts",
    scope="recommend",
    body=ContactsRequestSchema,
    answers=RankedContactsSchema,
    problems=(404,),
)
@takes(ContactsRequestSchema)
def post_contacts_ranking(request: ContactsRequest) -> Response:
    """Rank contacts for a product, within an account, or all by their best item; nothing is stored or counted."""
    return answer(recommend_contacts(runtime(), g.tenant, request))


def _answer(body: bytes, degraded: str | None) -> Response:
    return answer(body, headers=None if degraded is None else {"X-DOG-Degraded": degraded})


def _recommend_one(request: Any) -> tuple[bytes, str | None]:
    try:
        body, degraded = recommend(runtime(), g.tenant, REQUEST_SCHEMA.load(request))
    except StoreError:
        raise
    except DogError as error:
        return b'{"error":' + from_dog_error(error).get_data() + b"}", None
    except ValidationError as error:
        return b'{"error":' + from_validation(error).get_data() + b"}", None
    return b'{"decision":' + body + b"}", degraded
