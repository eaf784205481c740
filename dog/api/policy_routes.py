"""/v1/policies: read, write, activate, preview, roll back."""

from typing import Any

from flask import Response, g, request

from dog.api.read_response_schemas import PolicyPreviewSchema, PolicyStoredSchema, PolicyVersionsSchema
from dog.api.request_guard import answer, read_body, read_json, runtime
from dog.api.routing import Routes, header, query, read_integer
from dog.errors import InvalidInput, NotJson
from dog.services.publishing.preview_policy import DEFAULT_SAMPLE, MAX_SAMPLE, preview_policy
from dog.services.publishing.publish_policy import (
    activate_policy_version,
    list_policy_versions,
    make_default,
    publish_policy,
    show_policy,
)
from dog.shipped_files import shipped

routes = Routes("policies", "What an analyst may set: models, reinforcement, rules")
MAX_COMMENT = 1000
VERSION_CONDITIONS = [
    header("If-Match", "only where the active version is one of these: the ETag of GET, or *"),
    header("If-None-Match", "*: only where no version is active yet"),
]
SAMPLE = query("sample", "integer", "contacts in the sample", default=DEFAULT_SAMPLE, minimum=1, maximum=MAX_SAMPLE)
BODY = {"type": "object", "description": "a policy document; its JSON Schema is at /v1/policies/schema"}


def _document() -> Any:
    """Read the body: a JSON document, or TOML as bytes."""
    if request.mimetype == "application/toml":
        body = read_body("application/toml")
        try:
            body.decode()
        except UnicodeDecodeError as error:
            raise NotJson(f"byte {error.start} of the policy is not UTF-8") from None
        return body
    document = read_json()
    if not isinstance(document, dict):
        raise InvalidInput("a policy is a JSON object, or TOML with Content-Type application/toml")
    return document


@routes.endpoint("GET", "/v1/policies/schema", scope="read", answers={"type": "object"})
def get_schema() -> Response:
    """Read the JSON Schema of policies, for editors."""
    return answer(shipped("rules/policy.schema.json").read_bytes())


@routes.endpoint("GET", "/v1/policies/<name>", scope="admin", answers=BODY, problems=(404,))
def get_policy(name: str) -> Response:
    """Read the active version of a policy; its version is the ETag."""
    version, document = show_policy(runtime(), g.tenant, name)
    return answer(document, headers={"ETag": f'"{version}"'})


@routes.endpoint(
    "PUT",
    "/v1/policies/<name>",
    scope="admin",
    body=BODY,
    answers=PolicyStoredSchema,
    problems=(409, 412),
    parameters=[
        query("draft", "boolean", "only store it", default=False),
        query("comment", "string", "why, for the list of versions", maxLength=MAX_COMMENT),
        *VERSION_CONDITIONS,
    ],
)
def put(name: str) -> Response:
    """Store a version of a policy and activate it; with `?draft=true` only store it."""
    stored = publish_policy(
        runtime(),
        g.tenant,
        name,
        _document(),
        author=g.key.name or g.key.key_id,
        comment=_comment(),
        if_match=_if_match(),
        draft=_draft(),
    )
    return answer(stored, headers={"ETag": f'"{stored["version"]}"'})


def _if_match() -> set[str] | None:
    """Return the versions that may be active now: those of If-Match, none for `If-None-Match: *`, else None for any."""
    if request.if_none_match.star_tag:
        return set()
    if "If-Match" not in request.headers:
        return None
    return {"*"} if request.if_match.star_tag else request.if_match.as_set() or {"a weak ETag"}


def _comment() -> str:
    comment = request.args.get("comment", "")
    if len(comment) > MAX_COMMENT:
        raise InvalidInput(f"comment has {len(comment)} characters; the most is {MAX_COMMENT}")
    return comment


def _draft() -> bool:
    value = request.args.get("draft", "false")
    if value not in ("true", "false"):
        raise InvalidInput("draft must be true or false")
    return value == "true"


@routes.endpoint("GET", "/v1/policies/<name>/versions", scope="admin", answers=PolicyVersionsSchema, problems=(404,))
def get_versions(name: str) -> Response:
    """List all versions of a policy, newest first."""
    return answer({"items": list_policy_versions(runtime(), g.tenant, name)})


@routes.endpoint(
    "POST",
    "/v1/policies/<name>/versions/<version>/activate",
    scope="admin",
    answers=PolicyStoredSchema,
    problems=(404, 412),
    parameters=VERSION_CONDITIONS,
)
def post_activate(name: str, version: str) -> Response:
    """Activate a stored version: publish a draft, roll back, roll forward."""
    return answer(activate_policy_version(runtime(), g.tenant, name, version, _if_match()))


@routes.endpoint("POST", "/v1/policies/<name>/default", scope="admin", answers=PolicyStoredSchema, problems=(404, 409))
def post_default(name: str) -> Response:
    """Let an active policy serve the requests that name none."""
    return answer(make_default(runtime(), g.tenant, name))


@routes.endpoint(
    "POST",
    "/v1/policies/<name>/preview",
    scope="admin",
    body=BODY,
    answers=PolicyPreviewSchema,
    problems=(404,),
    parameters=[SAMPLE],
)
def post_preview(name: str) -> Response:
    """Preview what a policy would change on a sample of contacts; nothing is stored."""
    sample = read_integer(SAMPLE)
    return answer(preview_policy(runtime(), g.tenant, name, _document(), sample=sample))
