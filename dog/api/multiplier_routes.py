"""GET /v1/multipliers: each pair's numbers, and the published versions."""

from flask import Response, g, request

from dog.api.read_response_schemas import MultiplierPage, PublishedVersion, PublishedVersions
from dog.api.request_guard import answer, needs, runtime
from dog.api.routing import query
from dog.api.routing import routes as make_routes
from dog.errors import InvalidInput
from dog.services.pairs.read_multipliers import MAX_LIMIT, activate_published, list_versions, read_multipliers

routes = make_routes("multipliers", "Win rates and multipliers of contact-product pairs")


@routes.route("/multipliers", methods=["GET"])
@routes.documents(
    answers=MultiplierPage,
    problems=(404,),
    parameters=[
        query("contact_id", "string", "only this contact's pairs"),
        query("product_id", "string", "only this product's pairs"),
        query("policy", "string", "whose multipliers", default="recommended"),
        query("cursor", "string", "next_cursor of the page before"),
        query("limit", "integer", "rows a page", default=100, minimum=1, maximum=MAX_LIMIT),
    ],
)
@needs("read")
def get_multipliers() -> Response:
    """List pairs with their counts, win rate and multiplier."""
    limit = request.args.get("limit", "100")
    if not limit.isascii() or not limit.isdigit() or not 1 <= int(limit) <= MAX_LIMIT:
        raise InvalidInput(f"limit must be a whole number from 1 to {MAX_LIMIT}")
    arguments = request.args
    return answer(
        read_multipliers(
            runtime(),
            g.tenant,
            contact_id=arguments.get("contact_id"),
            product_id=arguments.get("product_id"),
            policy=arguments.get("policy", "recommended"),
            cursor=arguments.get("cursor"),
            limit=int(limit),
        )
    )


@routes.route("/multipliers/versions", methods=["GET"])
@routes.documents(answers=PublishedVersions)
@needs("read")
def get_versions() -> Response:
    """List the published recomputes that are kept, newest first."""
    return answer({"items": list_versions(runtime(), g.tenant)})


@routes.route("/multipliers/versions/<version>/activate", methods=["POST"])
@routes.documents(answers=PublishedVersion, problems=(404, 409))
@needs("admin")
def post_activate(version: str) -> Response:
    """Roll back or forward to a kept version; the next request uses it."""
    return answer(activate_published(runtime(), g.tenant, version))
