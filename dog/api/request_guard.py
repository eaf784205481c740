"""What every request passes: request id, API key, scope, rate limit, strict JSON."""

import re
from collections.abc import Callable, Mapping
from functools import wraps
from time import perf_counter
from typing import Any, TypeVar

import orjson
from flask import Flask, Request, Response, current_app, g, request
from marshmallow import Schema, ValidationError

from dog.api.problems import TooLarge, UnknownParameter, WrongType
from dog.api.request_steps import answer_headers, bearer_key, record_request, request_id_of, set_actor
from dog.errors import Forbidden, RateLimited, Unauthenticated
from dog.log import log_context
from dog.services.data.strict_json import parse_json
from dog.services.operations.key_cache import KeyCache
from dog.services.operations.rate_limits import RateLimits
from dog.services.operations.request_source import check_source, client_address
from dog.services.runtime import Runtime, system_clock
from dog.storage.api_keys import LOCAL_KEY, ApiKey
from dog.storage.audit_log import current_actor

MAX_BODY_BYTES = 1 << 20
MAX_IMPORT_BYTES = 16 << 20
CLAIMED_ID = re.compile(r"dog_([0-9a-f]{12})_")
OPEN = "open"
SIGNED = "signed"
"""Scope of a view that checks a signature instead of a key, and then calls `admit`."""
OPEN_ENDPOINTS = frozenset({"api-docs.openapi_json", "api-docs.openapi_swagger_ui"})
"""Views of flask-smorest, which cannot declare a scope."""

View = TypeVar("View", bound=Callable[..., Any])
Proxied = TypeVar("Proxied")


def unwrap(proxy: Proxied) -> Proxied:
    """Return the object behind one of Flask's proxies: each access through a proxy costs a microsecond."""
    found: Proxied = proxy._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001  # werkzeug documents it
    return found


def runtime() -> Runtime:
    """Return the runtime that the application was built with."""
    found: Runtime = unwrap(current_app).extensions["dog"]
    return found


def needs(scope: str, *, confirms: bool = False) -> Callable[[View], View]:
    """Declare the scope that a view requires; a view that declares none refuses every request.

    A view that `confirms` reads the tenant's head itself and then calls `confirm_key`: until then a cached key is
    accepted, which saves a round trip.
    """

    def declare(view: View) -> View:
        view.__dict__["scope"] = scope
        view.__dict__["confirms"] = confirms
        return view

    return declare


def register_request_guard(app: Flask) -> None:
    """Check every request before its view; add headers, a metric and a log line to every response."""

    @app.before_request
    def check() -> None:
        asked, state = unwrap(request), unwrap(g)
        state.began = perf_counter()
        state.request_id = request_id_of(asked.headers.get("X-Request-Id", ""))
        log_context.set({"request_id": state.request_id})
        endpoint = asked.endpoint or ""
        view = app.view_functions.get(endpoint)
        check_source(runtime().settings, asked.headers, asked.environ["SERVER_PROTOCOL"], asked.method)
        if view is None:
            return  # no such route: Flask answers 404
        scope = getattr(view, "scope", None)
        if scope in (OPEN, SIGNED) or endpoint in OPEN_ENDPOINTS:
            return
        state.presented_key = bearer_key(asked.headers.get("Authorization", ""))
        key = _look_up(state.presented_key, confirms=getattr(view, "confirms", False))
        _name_sender(key)
        if scope not in key.scopes:
            raise Forbidden(f"this call needs the scope '{scope}'; the key has {', '.join(key.scopes)}")
        _count_request(key)
        _check_query(asked, getattr(view, "query_names", None))

    @app.teardown_request
    def forget(_: BaseException | None) -> None:
        current_actor.set(None)

    @app.after_request
    def finish(answer: Response) -> Response:
        asked, state = unwrap(request), unwrap(g)
        answer.headers.extend(answer_headers(state.get("request_id", ""), state.get("allowance")))
        rule = asked.url_rule
        route = rule.rule if rule else "unknown"
        method = asked.method if rule else "any"  # an invented method would make a label of its own
        record_request(method, route, answer.status_code, perf_counter() - state.get("began", perf_counter()))
        return answer


def admit(key: ApiKey) -> None:
    """Let in a request whose signature was checked: name its sender, count it; raise `RateLimited`."""
    _name_sender(key)
    _count_request(key)


def _name_sender(key: ApiKey) -> None:
    asked, state = unwrap(request), unwrap(g)
    state.key, state.tenant = key, key.tenant
    address = client_address(asked.remote_addr or "", asked.headers, runtime().settings.trusted_proxies)
    set_actor(key, source=address, request_id=state.request_id)


def _count_request(key: ApiKey) -> None:
    unwrap(g).allowance = allowance = runtime().shared(RateLimits).take(key)
    if allowance.seconds_to_wait:
        raise RateLimited(f"this key may send {allowance.limit} requests a second; retry after Retry-After seconds")


def _check_query(asked: Request, known: frozenset[str] | None) -> None:
    """Refuse query parameters that the route does not have, or that are given twice."""
    if known is None or not asked.query_string:
        return
    if unknown := sorted(set(asked.args) - known):
        named = f"this path takes {', '.join(sorted(known))}" if known else "this path takes none"
        raise UnknownParameter(f"unknown query parameter {unknown[0][:100]!r}; {named}")
    if twice := [name for name, values in asked.args.lists() if len(values) > 1]:
        raise UnknownParameter(f"the query parameter '{twice[0]}' came more than once; send it once")


def charge_rate_limit(units: float) -> None:
    """Charge further units to the key's rate limit; they delay the calls after this one."""
    runtime().shared(RateLimits).charge(g.key, units)


def _look_up(key: str, *, confirms: bool) -> ApiKey:
    context = runtime()
    if context.settings.auth == "off":
        return LOCAL_KEY
    if not key:
        raise Unauthenticated("missing API key; send it as: Authorization: Bearer KEY")
    cache = context.shared(KeyCache)
    try:
        return (cache.authenticate_cached if confirms else cache.authenticate)(context.redis, key, system_clock())
    except Unauthenticated:
        if claimed := CLAIMED_ID.match(key):  # for the log only; `keys list` shows key ids
            log_context.set({**log_context.get(), "claimed_key_id": claimed[1]})
        raise


def read_body(*content_types: str, max_bytes: int = MAX_BODY_BYTES) -> bytes:
    """Read the body; raise WrongType for another content type, charset or encoding, TooLarge if it is too long."""
    asked = unwrap(request)
    if asked.content_type not in content_types:
        charset = asked.mimetype_params.get("charset", "utf-8").lower()
        if (asked.mimetype or content_types[0]) not in content_types or charset not in ("utf-8", "utf8", "us-ascii"):
            named = (asked.content_type or "")[:100]
            raise WrongType(f"send it with Content-Type: {' or '.join(content_types)}, in UTF-8, not {named!r}")
    if asked.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise WrongType("send the body uncompressed, without Content-Encoding")
    if (asked.content_length or 0) > max_bytes:
        raise TooLarge(f"the body has {asked.content_length} bytes; the most is {max_bytes}")
    body = asked.get_data(cache=False)
    if len(body) > max_bytes:
        raise TooLarge(f"the body has more than {max_bytes} bytes")
    return body


def read_json() -> Any:
    """Read the request's body as strict JSON; raise as `read_body` and `parse_json`."""
    return parse_json(read_body("application/json"))


def takes(schema: type[Schema]) -> Callable[[View], View]:
    """Validate the body by a schema and pass it to the view as its first argument."""
    fields = schema()  # made once: making one takes longer than validating a small body

    def declare(view: View) -> View:
        @wraps(view)
        def validated(*arguments: Any, **named: Any) -> Any:
            document = read_json() if unwrap(request).content_length else {}
            if not isinstance(document, dict):
                raise ValidationError({"_schema": ["send a JSON object"]})
            return view(fields.load(document), *arguments, **named)

        return validated  # type: ignore[return-value]  # the same view with one argument filled in

    return declare


def answer(body: bytes | Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with JSON: bytes unchanged, other values encoded by orjson."""
    content = body if isinstance(body, bytes) else orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY)
    return Response(content, status, headers, content_type="application/json")
