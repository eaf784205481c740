"""POST /v1/recommendations from the request to the answer, without Flask: read `answer_list` from top to bottom.

Flask and marshmallow take a million instructions to find the view, read the body and make an answer, twice as many as a
bare view with one GET takes in all. So a plain request is answered here. Any other goes on to Flask, which takes the
same steps in `request_guard.py` and `recommendation_routes.py`, and words what is wrong; nothing of it has been counted
or logged by then.
"""

import io
from collections.abc import Callable, Iterable, Mapping
from time import perf_counter
from typing import Any, NamedTuple

from flask import Flask
from werkzeug.http import HTTP_STATUS_CODES

from dog.api.plain_list_request import read_plain_request
from dog.api.problems import from_error
from dog.api.request_guard import MAX_BODY_BYTES
from dog.api.request_steps import answer_headers, bearer_key, confirm_key, record_request, request_id_of, set_actor
from dog.services.lists.list_request import ListRequest
from dog.services.lists.recommend import Recommendation, recommend
from dog.services.operations.key_cache import KeyCache
from dog.services.operations.rate_limits import RateLimits
from dog.services.runtime import Runtime, system_clock
from dog.storage.api_keys import LOCAL_KEY, ApiKey
from dog.storage.audit_log import current_actor

METHOD, PATH, SCOPE = "POST", "/v1/recommendations", "recommend"
JSON = "application/json"
VARIABLES = {
    "authorization": "HTTP_AUTHORIZATION",
    "content-type": "CONTENT_TYPE",
    "content-encoding": "HTTP_CONTENT_ENCODING",
    "x-request-id": "HTTP_X_REQUEST_ID",
}
"""Headers that this route reads, by their names in a WSGI environment."""
Headers = list[tuple[str, str]]


class Asked(NamedTuple):
    """What this route reads of an HTTP request."""

    headers: Mapping[str, str]  # by names in lower case
    body: bytes
    query: str
    source: str  # address of the client


class Answer(NamedTuple):
    """An HTTP answer."""

    status: int
    headers: Headers
    body: bytes


def answer_list(app: Flask, asked: Asked) -> Answer | None:
    """Answer a plain request for a list; return None for any other."""
    began = perf_counter()
    headers, runtime = asked.headers, app.extensions["dog"]
    presented_key = bearer_key(headers.get("authorization", ""))
    key = _known_key(runtime, presented_key)
    if key is None or SCOPE not in key.scopes or not _is_plain(app, asked):
        return None
    request = read_plain_request(asked.body)
    if request is None:
        return None
    allowance = runtime.shared(RateLimits).take(key)
    if allowance.seconds_to_wait:
        return None  # Flask asks again: a refusal is not counted
    request_id = request_id_of(headers.get("x-request-id", ""))
    set_actor(key, source=asked.source, request_id=request_id)
    status, told, body = _answer(runtime, key.tenant, request, presented_key)
    current_actor.set(None)
    record_request(METHOD, PATH, status, perf_counter() - began)
    return Answer(status, [*told, *answer_headers(request_id, allowance)], body)


def _known_key(runtime: Runtime, presented_key: str) -> ApiKey | None:
    if runtime.settings.auth == "off":
        return LOCAL_KEY
    return runtime.shared(KeyCache).find(presented_key, system_clock())


def _is_plain(app: Flask, asked: Asked) -> bool:
    """Return whether the request is one that this route answers; OpenTelemetry traces what Flask answers."""
    headers = asked.headers
    if headers.get("content-type") != JSON or "content-encoding" in headers or asked.query:
        return False
    return len(asked.body) <= MAX_BODY_BYTES and "tracer_provider" not in app.extensions


def _answer(runtime: Runtime, tenant: str, request: ListRequest, presented_key: str) -> Answer:
    try:
        body, degraded = make_list(runtime, tenant, request, presented_key)
    except Exception as error:  # noqa: BLE001  # every error is answered, and the unexpected ones are logged
        problem = from_error(error)
        return Answer(problem.status_code, problem.headers.to_wsgi_list(), problem.get_data())
    headers = [("Content-Type", JSON), ("Content-Length", str(len(body)))]
    return Answer(200, headers if degraded is None else [("X-DOG-Degraded", degraded), *headers], body)


def make_list(runtime: Runtime, tenant: str, request: ListRequest, presented_key: str) -> Recommendation:
    """Make a list; then confirm the key, which was looked up in the cache, against the head that the list has read."""
    found = recommend(runtime, tenant, request)
    if found.degraded is None:
        confirm_key(runtime, tenant, presented_key)
    return found


def register_list_route(app: Flask) -> None:
    """Answer plain requests for lists before Flask, under any WSGI server."""
    flask = app.wsgi_app

    def serve(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] == PATH and environ["REQUEST_METHOD"] == METHOD:
            asked = _read_asked(environ)
            answer = None if asked is None else answer_list(app, asked)
            if answer is not None:
                phrase = HTTP_STATUS_CODES[answer.status].upper()
                start_response(f"{answer.status} {phrase}", answer.headers)
                return [answer.body]
        return flask(environ, start_response)

    app.wsgi_app = serve  # type: ignore[method-assign]  # Flask's way


def _read_asked(environ: dict[str, Any]) -> Asked | None:
    """Read a request whose body has a plain length; Flask can read the body again."""
    length = environ.get("CONTENT_LENGTH", "")
    if not length.isdecimal() or int(length) > MAX_BODY_BYTES:
        return None
    body = environ["wsgi.input"].read(int(length))
    environ["wsgi.input"] = io.BytesIO(body)
    headers = {name: environ[variable] for name, variable in VARIABLES.items() if variable in environ}
    return Asked(headers, body, environ.get("QUERY_STRING", ""), environ.get("REMOTE_ADDR", ""))
