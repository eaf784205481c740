"""POST /v1/recommendations from the request to the answer, without Flask: read `answer_list` from top to bottom.

Flask and marshmallow take a million instructions to find the view, read the body and make an answer, twice as many as a
bare view with one GET takes in all. So a plain request is answered here. Any other goes to Flask, which takes the
same steps in `request_guard.py` and `recommendation_routes.py`, and words what is wrong; nothing of it has been counted
or logged by then.
"""

import io
import math
from collections.abc import Callable, Iterable, Mapping
from time import perf_counter
from typing import Any

from flask import Flask
from werkzeug.http import HTTP_STATUS_CODES

from dog.api.plain_list_request import read_plain_request
from dog.api.problems import from_error
from dog.api.request_guard import MAX_BODY_BYTES
from dog.api.request_steps import answer_headers, bearer_key, confirm_key, record_request, request_id_of, set_actor
from dog.errors import BadHost, Forbidden
from dog.services.lists.list_request import ListRequest
from dog.services.lists.recommend import Recommendation, recommend
from dog.services.operations.key_cache import CachedKey, KeyCache
from dog.services.operations.rate_limits import RateLimits
from dog.services.operations.request_source import check_source, client_address
from dog.services.runtime import Runtime, system_clock
from dog.storage.api_keys import LOCAL_KEY
from dog.storage.audit_log import current_actor

METHOD, PATH, SCOPE = "POST", "/v1/recommendations", "recommend"
JSON = "application/json"
KNOWN_LOCAL_KEY = CachedKey(key=LOCAL_KEY, at_ms=0, expires_ms=math.inf, revocations=None, has_counter=True)
VARIABLES = {
    "authorization": "HTTP_AUTHORIZATION",
    "content-type": "CONTENT_TYPE",
    "content-encoding": "HTTP_CONTENT_ENCODING",
    "x-request-id": "HTTP_X_REQUEST_ID",
    "x-forwarded-for": "HTTP_X_FORWARDED_FOR",
    "host": "HTTP_HOST",
    "origin": "HTTP_ORIGIN",
    "sec-fetch-site": "HTTP_SEC_FETCH_SITE",
}
"""Headers that this route reads, by their names in a WSGI environment."""
Answer = tuple[int, list[tuple[str, str]], bytes]
"""Status, headers and body."""


def answer_list(app: Flask, headers: Mapping[str, str], body: bytes, *, query: str, source: str) -> Answer | None:
    """Answer a plain request for a list; return None for any other.

    Names of `headers` are in lower case; `source` is the address that has connected.
    """
    began = perf_counter()
    runtime: Runtime = app.extensions["dog"]
    presented_key = bearer_key(headers.get("authorization", ""))
    known = _known_key(runtime, presented_key)
    if known is None or SCOPE not in known.key.scopes or query or not _is_plain(app, headers, body):
        return None
    if not _is_welcome(runtime, headers):
        return None
    request = read_plain_request(body)
    if request is None:
        return None
    allowance = runtime.shared(RateLimits).take(known.key)
    if allowance.seconds_to_wait:
        return None  # Flask asks again: a refusal is not counted
    request_id = request_id_of(headers.get("x-request-id", ""))
    address = client_address(source, headers, runtime.settings.trusted_proxies)
    set_actor(known.key, source=address, request_id=request_id)
    status, told, content = _answer(runtime, request, presented_key, known)
    current_actor.set(None)
    record_request(METHOD, PATH, status, perf_counter() - began)
    return status, [*told, *answer_headers(request_id, allowance)], content


def _known_key(runtime: Runtime, presented_key: str) -> CachedKey | None:
    if runtime.settings.auth == "off":
        return KNOWN_LOCAL_KEY
    return runtime.shared(KeyCache).find(presented_key, system_clock())


def _is_welcome(runtime: Runtime, headers: Mapping[str, str]) -> bool:
    """Return whether the request may come from where it comes; Flask says why not."""
    try:
        check_source(runtime.settings, headers, "HTTP/1.1", METHOD)
    except (BadHost, Forbidden):
        return False
    return True


def _is_plain(app: Flask, headers: Mapping[str, str], body: bytes) -> bool:
    """Return whether the request is one that this route answers; OpenTelemetry traces what Flask answers."""
    if headers.get("content-type") != JSON or "content-encoding" in headers or len(body) > MAX_BODY_BYTES:
        return False
    return "tracer_provider" not in app.extensions


def _answer(runtime: Runtime, request: ListRequest, presented_key: str, known: CachedKey) -> Answer:
    try:
        body, degraded = make_list(runtime, known.key.tenant, request, presented_key, known)
    except Exception as error:  # noqa: BLE001  # every error is answered, and the unexpected ones are logged
        problem = from_error(error)
        return problem.status_code, problem.headers.to_wsgi_list(), problem.get_data()
    headers = [("Content-Type", JSON), ("Content-Length", str(len(body)))]
    return 200, headers if degraded is None else [("X-DOG-Degraded", degraded), *headers], body


def make_list(
    runtime: Runtime, tenant: str, request: ListRequest, presented_key: str, cached: CachedKey | None = None
) -> Recommendation:
    """Make a list; then confirm the key, which was looked up in the cache, against the head that the list has read."""
    found = recommend(runtime, tenant, request)
    if found.degraded is None:
        confirm_key(runtime, tenant, presented_key, cached)
    return found


def register_list_route(app: Flask) -> None:
    """Answer plain requests for lists before Flask, under any WSGI server."""
    flask = app.wsgi_app

    def serve(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] == PATH and environ["REQUEST_METHOD"] == METHOD:
            answer = _answer_wsgi(app, environ)
            if answer is not None:
                status, headers, body = answer
                start_response(f"{status} {HTTP_STATUS_CODES[status].upper()}", headers)
                return [body]
        return flask(environ, start_response)

    app.wsgi_app = serve  # type: ignore[method-assign]  # Flask's way


def _answer_wsgi(app: Flask, environ: dict[str, Any]) -> Answer | None:
    """Answer a request whose body has a plain length; Flask can read the body again."""
    length = environ.get("CONTENT_LENGTH", "")
    if not length.isdecimal() or int(length) > MAX_BODY_BYTES:
        return None
    body = environ["wsgi.input"].read(int(length))
    environ["wsgi.input"] = io.BytesIO(body)
    headers = {name: environ[variable] for name, variable in VARIABLES.items() if variable in environ}
    query, source = environ.get("QUERY_STRING", ""), environ.get("REMOTE_ADDR", "")
    return answer_list(app, headers, body, query=query, source=source)
