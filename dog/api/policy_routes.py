"""/v1/policies: read, write, activate, preview, roll back."""

from typing import Any

import orjson
from flask import Response, g, request

from dog.api.read_response_schemas import PolicyPreview, PolicyStored, PolicyVersions
from dog.api.request_guard import answer, needs, read_body, read_json, runtime
from dog.api.routing import ROOT, header, query
from dog.api.routing import routes as make_routes
from dog.errors import InvalidInput, NotJson
from dog.services.publishing.preview_policy import DEFAULT_SAMPLE, MAX_SAMPLE, preview_policy
from dog.services.publishing.publish_policy import activate_version_of, list_policy_versions, put_policy, show_policy

routes = make_routes("policies", "What an analyst may set: models, reinforcement, rules")
MAX_COMMENT = 1000
IF_VERSION = [
    header("If-Match", "only where the version in force is one of these: the ETag of GET, or *"),
    header("If-None-Match", "*: only where no version is in force yet"),
]
BODY = {"type": "object", "description": "a policy document; its JSON Schema is at /v1/policies/schema"}


def _document() -> Any:
    """Read the body: a JSON document, or TOML text as it is."""
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


@routes.route("/policies/schema", methods=["GET"])
@routes.documents(answers={"type": "object"})
@needs("read")
def get_schema() -> Response:
    """Read the JSON Schema of policies, for editors."""
    return answer((ROOT / "rules" / "policy.schema.json").read_bytes())


@routes.route("/policies/<name>", methods=["GET"])
@routes.documents(answers=BODY, problems=(404,))
@needs("admin")
def get_policy(name: str) -> Response:
    """Read the active version of a policy; its version is the ETag."""
    version, document = show_policy(runtime(), g.tenant, name)
    shown = answer(document)
    shown.headers["ETag"] = f'"{version}"'
    return shown


@routes.route("/policies/<name>", methods=["PUT"])
@routes.documents(
    BODY,
    answers=PolicyStored,
    problems=(409, 412),
    parameters=[
        query("draft", "boolean", "only store it", default=False),
        query("comment", "string", "why, for the list of versions", maxLength=MAX_COMMENT),
        *IF_VERSION,
    ],
)
@needs("admin")
def put(name: str) -> Response:
    """Store a version of a policy and put it in force; with `?draft=true` only store it."""
    stored = put_policy(
        runtime(),
        g.tenant,
        name,
        _document(),
        author=g.key.name or g.key.key_id,
        comment=_comment(),
        if_match=_if_match(),
        draft=_yes("draft"),
    )
    shown = answer(stored)
    shown.headers["ETag"] = f'"{stored["version"]}"'
    return shown


def _if_match() -> set[str] | None:
    """Read which versions may be in force: those of If-Match, none at all for If-None-Match: *."""
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


def _yes(name: str) -> bool:
    value = request.args.get(name, "false")
    if value not in ("true", "false"):
        raise InvalidInput(f"{name} must be true or false")
    return value == "true"


@routes.route("/policies/<name>/versions", methods=["GET"])
@routes.documents(answers=PolicyVersions, problems=(404,))
@needs("admin")
def get_versions(name: str) -> Response:
    """List all versions of a policy, newest first."""
    return answer({"items": list_policy_versions(runtime(), g.tenant, name)})


@routes.route("/policies/<name>/versions/<version>/activate", methods=["POST"])
@routes.documents(answers=PolicyStored, problems=(404, 412), parameters=IF_VERSION)
@needs("admin")
def post_activate(name: str, version: str) -> Response:
    """Put a stored version in force: publish a draft, roll back, roll forward."""
    return answer(activate_version_of(runtime(), g.tenant, name, version, _if_match()))


@routes.route("/policies/<name>/preview", methods=["POST"])
@routes.documents(
    BODY,
    answers=PolicyPreview,
    problems=(404,),
    parameters=[
        query("sample", "integer", "contacts looked at", default=DEFAULT_SAMPLE, minimum=1, maximum=MAX_SAMPLE)
    ],
)
@needs("admin")
def post_preview(name: str) -> Response:
    """Show what a policy would change before it is in force, on a sample of contacts; nothing is stored."""
    sample = request.args.get("sample", str(DEFAULT_SAMPLE))
    if not sample.isascii() or not sample.isdigit() or not 1 <= int(sample) <= MAX_SAMPLE:
        raise InvalidInput(f"sample must be a whole number from 1 to {MAX_SAMPLE}")
    found = preview_policy(runtime(), g.tenant, name, _document(), sample=int(sample))
    return answer(orjson.dumps(found, option=orjson.OPT_SERIALIZE_NUMPY))
