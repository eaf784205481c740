"""/v1/multipliers: the numbers of each pair, and the published versions."""

from flask import Response, g, request

from dog.api.read_response_schemas import MultiplierPageSchema, PublishedVersionSchema, PublishedVersionsSchema
from dog.api.request_guard import answer, runtime
from dog.api.routing import Routes, query, read_integer
from dog.errors import InvalidInput
from dog.services.pairs.read_multipliers import MAX_LIMIT, activate_published, list_versions, read_multipliers

LIMIT = query("limit", "integer", "rows a page", default=100, minimum=1, maximum=MAX_LIMIT)

routes = Routes("multipliers", "Win rates and multipliers of contact-product pairs")


@routes.endpoint(
    "GET",
    "/v1/multipliers",
    scope="read",
    answers=MultiplierPageSchema,
    problems=(404,),
    parameters=[
        query("contact_id", "string", "only this contact's pairs"),
        query("product_id", "string", "only this product's pairs"),
        query("policy", "string", "whose multipliers; without it those of the default policy"),
        query("cursor", "string", "next_cursor of the page before"),
        LIMIT,
    ],
)
def get_multipliers() -> Response:
    """List pairs with their counts, win rate and multiplier."""
    arguments = request.args
    return answer(
        read_multipliers(
            runtime(),
            g.tenant,
            contact_id=arguments.get("contact_id"),
            product_id=arguments.get("product_id"),
            policy=arguments.get("policy"),
            cursor=arguments.get("cursor"),
            limit=read_integer(LIMIT),
        )
    )


@routes.endpoint(
    "GET",
    "/v1/multipliers/versions",
    scope="read",
    answers=PublishedVersionsSchema,
    parameters=[query("cursor", "string", "next_cursor of the page before"), LIMIT],
)
def get_versions() -> Response:
    """List the published recomputes that are kept, newest week first."""
    limit, after = read_integer(LIMIT), request.args.get("cursor")
    versions = list_versions(runtime(), g.tenant)
    if after is not None:
        known = next((place for place, each in enumerate(versions) if each["version"] == after), None)
        if known is None:
            raise InvalidInput("invalid cursor, or its version is no longer kept; omit it")
        versions = versions[known + 1 :]
    more = versions[limit - 1]["version"] if len(versions) > limit else None
    return answer({"items": versions[:limit], "next_cursor": more})


@routes.endpoint(
    "POST",
    "/v1/multipliers/versions/<version>/activate",
    scope="admin",
    answers=PublishedVersionSchema,
    problems=(404, 409),
)
def post_activate(version: str) -> Response:
    """Roll back or forward to a kept version; the next request uses it."""
    return answer(activate_published(runtime(), g.tenant, version))
