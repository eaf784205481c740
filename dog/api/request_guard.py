"""The one way in: request id, key and scope, strict JSON."""

import math
import re
from collections.abc import Callable
from functools import wraps
from time import perf_counter
from typing import Any, TypeVar

import orjson
import structlog
from flask import Flask, Request, Response, current_app, g, request
from marshmallow import Schema, ValidationError

from dog import metrics
from dog.api.problems import TooLarge, UnknownParameter, WrongType
from dog.errors import Forbidden, RateLimited, Unauthenticated
from dog.services.data.strict_json import parse_json
from dog.services.lists.snapshot import Snapshots
from dog.services.operations.key_cache import KeyCache
from dog.services.operations.rate_limits import Allowance, RateLimits
from dog.services.runtime import Runtime, system_clock
from dog.storage.api_keys import REVOCATIONS, SCOPES, ApiKey
from dog.storage.audit_log import Actor, current_actor
from dog.storage.ids import new_id

MAX_BODY_BYTES = 1 << 20
MAX_IMPORT_BYTES = 16 << 20
CLAIMED_ID = re.compile(r"dog_([0-9a-f]{12})_")
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
OPEN = "open"
QUIET = frozenset({"/health/live", "/health/ready", "/metrics"})
"""Asked for every few seconds by machines: logged only where they fail."""
OPEN_ENDPOINTS = frozenset({"api-docs.openapi_json", "api-docs.openapi_swagger_ui"})
"""Views of the documentation library, which cannot declare a scope."""

log = structlog.get_logger()
View = TypeVar("View", bound=Callable[..., Any])
Proxied = TypeVar("Proxied")


def behind(proxy: Proxied) -> Proxied:
    """Give the object behind one of Flask's proxies, each look through which costs a microsecond."""
    found: Proxied = proxy._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001  # werkzeug documents it
    return found


def runtime() -> Runtime:
    """Give the views what bootstrap built."""
    built: Runtime = behind(current_app).extensions["dog"]
    return built


def needs(scope: str, *, confirms: bool = False) -> Callable[[View], View]:
    """Declare the scope a view asks for; a view that declares none is closed.

    One that `confirms` reads the tenant's head itself and then calls `confirm_key`: until then a key seen before
    is taken for valid, which spares a round trip.
    """

    def declare(view: View) -> View:
        view.__dict__["scope"] = scope
        view.__dict__["confirms"] = confirms
        return view

    return declare


def register_door(app: Flask) -> None:
    """Put the door before every view."""

    @app.before_request
    def enter() -> None:
        asked, here = behind(request), behind(g)
        here.began = perf_counter()
        given = asked.headers.get("X-Request-Id", "")
        here.request_id = request_id = given if REQUEST_ID.fullmatch(given) else new_id(8)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        endpoint = asked.endpoint or ""
        view = app.view_functions.get(endpoint)
        if view is None:
            return  # no such route: Flask answers
        scope = getattr(view, "scope", None)
        if scope == OPEN or endpoint in OPEN_ENDPOINTS:
            return
        here.key = key = _key_of_request(asked, confirms=getattr(view, "confirms", False))
        here.tenant = key.tenant
        structlog.contextvars.bind_contextvars(tenant=key.tenant, key_id=key.key_id)
        current_actor.set(Actor(key.key_id, key.name, asked.remote_addr or "", request_id))
        if scope not in key.scopes:
            raise Forbidden(f"this call needs the scope '{scope}'; the key has {', '.join(key.scopes)}")
        here.allowance = allowance = runtime().shared(RateLimits).take(key)
        if allowance.seconds_to_wait:
            raise RateLimited(f"this key may ask {allowance.limit} times a second; repeat after Retry-After")
        _check_query(asked, getattr(view, "query_names", None))

    @app.teardown_request
    def forget(_: BaseException | None) -> None:
        current_actor.set(None)

    @app.after_request
    def leave(answer: Response) -> Response:
        asked, here = behind(request), behind(g)
        answer.headers["X-Request-Id"] = here.get("request_id", "")
        if (allowance := here.get("allowance")) is not None:
            answer.headers.extend(_shown(allowance))
        rule = asked.url_rule
        route = rule.rule if rule else "unknown"
        method = asked.method if rule else "any"  # a made-up method would be a label of its own
        took = perf_counter() - here.get("began", perf_counter())
        metrics.requests.labels(route, method, answer.status_code).observe(took)
        if route not in QUIET or answer.status_code >= 500:
            log.info("request", method=method, route=route, status=answer.status_code, ms=round(took * 1000, 2))
        return answer


def _check_query(asked: Request, known: frozenset[str] | None) -> None:
    """Refuse what a route would not heed: a parameter it does not have, or one given twice."""
    if known is None or not asked.query_string:
        return
    if unknown := sorted(set(asked.args) - known):
        named = f"it takes {', '.join(sorted(known))}" if known else "it takes none"
        raise UnknownParameter(f"this address has no query parameter {unknown[0][:100]!r}; {named}")
    if twice := [name for name, values in asked.args.lists() if len(values) > 1]:
        raise UnknownParameter(f"the query parameter '{twice[0]}' came more than once; send it once")


def _shown(allowance: Allowance) -> dict[str, str]:
    """Tell a key what it has left, as clients read it today and as the IETF's draft has it."""
    limit, remaining, reset = allowance.limit, allowance.remaining, math.ceil(allowance.seconds_to_full)
    shown = {
        "RateLimit-Limit": str(limit),
        "RateLimit-Remaining": str(remaining),
        "RateLimit-Reset": str(reset),
        "RateLimit-Policy": f'"key";q={limit};w=1',
        "RateLimit": f'"key";r={remaining};t={reset}',
    }
    if allowance.seconds_to_wait:
        shown["Retry-After"] = str(math.ceil(allowance.seconds_to_wait))
    return shown


def spend(units: float) -> None:
    """Count more than one call against the key's limit; the calls after this one wait for it."""
    runtime().shared(RateLimits).charge(g.key, units)


def _key_of_request(asked: Request, *, confirms: bool) -> ApiKey:
    built = runtime()
    if built.settings.auth == "off":
        return ApiKey("local", "default", "local", SCOPES, "", "")
    kind, _, key = asked.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not key.strip():
        raise Unauthenticated("no API key came along; send it as: Authorization: Bearer KEY")
    behind(g).presented_key = key = key.strip()
    ring = built.shared(KeyCache)
    try:
        return (ring.authenticate_cached if confirms else ring.authenticate)(built.redis, key, system_clock())
    except Unauthenticated:
        if claimed := CLAIMED_ID.match(key):  # the answer tells nothing; the log's line leads to `keys list`
            structlog.contextvars.bind_contextvars(claimed_key_id=claimed[1])
        raise


def confirm_key() -> None:
    """Hold the request's key against the tenant's head that the view has read.

    Raises
    ------
    Unauthenticated
        The key was revoked since it was last looked up.

    """
    built, here = runtime(), behind(g)
    if built.settings.auth == "off":
        return
    held = built.shared(Snapshots).held(built.store(here.tenant))
    mark = held.head.get(REVOCATIONS) if held else None
    built.shared(KeyCache).revalidate(built.redis, here.presented_key, system_clock(), mark)


def read_body(*kinds: str, largest_bytes: int = MAX_BODY_BYTES) -> bytes:
    """Read the request's body, which must be of one of the content types where it names any.

    Raises
    ------
    WrongType
        It is of another type, another character set than UTF-8, or packed.
    TooLarge
        It has more bytes than the route takes.

    """
    asked = behind(request)
    if asked.content_type not in kinds:
        charset = asked.mimetype_params.get("charset", "utf-8").lower()
        if (asked.mimetype or kinds[0]) not in kinds or charset not in ("utf-8", "utf8", "us-ascii"):
            named = (asked.content_type or "")[:100]
            raise WrongType(f"send it with Content-Type: {' or '.join(kinds)}, in UTF-8, not {named!r}")
    if asked.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise WrongType("send the body as it is, without Content-Encoding; bodies are not unpacked")
    if (asked.content_length or 0) > largest_bytes:
        raise TooLarge(f"the body has {asked.content_length} bytes; the most is {largest_bytes}")
    body = asked.get_data(cache=False)
    if len(body) > largest_bytes:
        raise TooLarge(f"the body has more than {largest_bytes} bytes")
    return body


def read_json() -> Any:
    """Read the request's body as strict JSON.

    Raises
    ------
    WrongType, TooLarge
        As `read_body`.
    NotJson
        As `parse_json`.

    """
    return parse_json(read_body("application/json"))


def takes(schema: type[Schema]) -> Callable[[View], View]:
    """Validate the body by a schema and pass it to the view first."""
    fields = schema()  # made once: making one costs more than a small body's validation

    def declare(view: View) -> View:
        @wraps(view)
        def validated(*arguments: Any, **named: Any) -> Any:
            document = read_json() if behind(request).content_length else {}
            if not isinstance(document, dict):
                raise ValidationError({"_schema": ["send a JSON object"]})
            return view(fields.load(document), *arguments, **named)

        return validated  # type: ignore[return-value]  # the same view with one argument filled in

    return declare


def answer(body: bytes | Any, status: int = 200) -> Response:
    """Answer with JSON: bytes as they are, anything else by orjson."""
    content = body if isinstance(body, bytes) else orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY)
    return Response(content, status, content_type="application/json")
