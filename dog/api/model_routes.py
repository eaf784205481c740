"""/v1/models: the models, how fresh their scores are, what they were trained on, and what start has proved."""

from typing import Any

from flask import Response, g

from dog.api.model_response_schemas import ModelSchema, ModelsSchema
from dog.api.request_guard import answer, runtime, takes
from dog.api.request_schemas import ModelChangeSchema
from dog.api.routing import Routes
from dog.services.data.describe_models import change_model, describe_models

routes = Routes("models", "Models, the dates of their scores and of their training")


@routes.endpoint("GET", "/v1/models", scope="read", answers=ModelsSchema)
def get_models() -> Response:
    """List the models that have scores."""
    return answer({"items": describe_models(runtime(), g.tenant)})


@routes.endpoint(
    "PUT", "/v1/models/<name>", scope="admin", body=ModelChangeSchema, answers=ModelSchema, problems=(404,)
)
@takes(ModelChangeSchema)
def put_model(asked: dict[str, Any], name: str) -> Response:
    """State up to when a model was trained, and whether lower scores are better; what is left out stays."""
    return answer(change_model(runtime(), g.tenant, name, asked))
