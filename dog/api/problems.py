"""HTTP statuses of errors, and the body that every error has (RFC 9457)."""

import random
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import orjson
from flask import Flask, Response
from marshmallow import ValidationError
from werkzeug.exceptions import HTTPException

from dog import errors
from dog.core.documents.section import MAX_FAULTS, MAX_KEY_CHARACTERS
from dog.log import log, log_context
from dog.services.policies.policy_store import VersionMovedOn

STATUSES: dict[type[errors.DogError], int] = {
    errors.InvalidInput: 422,
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.RateLimited: 429,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.WeekHeld: 409,
    errors.NotReady: 409,
    errors.WorkerLost: 503,
    errors.StoreUnavailable: 503,
    errors.ArchiveUnavailable: 503,
    errors.StoreRefused: 503,
    errors.StoreDamaged: 500,
    errors.DogError: 500,
}
TITLES = {
    400: "Bad request",
    401: "Invalid API key",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    406: "Format not available",
    409: "Conflict",
    412: "The version has changed",
    413: "Too large",
    415: "Send JSON",
    422: "Invalid input",
    429: "Too many requests",
    500: "Internal error",
    503: "Unavailable",
}
TITLES_OF_CODES = {errors.BadSignature.code: "Invalid signature"}
RETRY_AFTER_SECONDS = (1, 5)
"""Random, so that clients refused at the same time do not return at the same time."""


class WrongType(errors.InvalidInput):
    """The route does not accept the body's content type."""

    code = "wrong_content_type"


class UnknownParameter(errors.InvalidInput):
    """The route does not accept a query parameter, or accepts it only once."""

    code = "unknown_parameter"


class TooLarge(errors.InvalidInput):
    """The body is larger than the route accepts."""

    code = "too_large"


STATUSES |= {errors.NotJson: 400, errors.BadHost: 400, TooLarge: 413, WrongType: 415, VersionMovedOn: 412}


def status_of(error: errors.DogError) -> int:
    """Return the status of an error's class, or of its nearest base class in the table."""
    return next(STATUSES[base] for base in type(error).__mro__ if base in STATUSES)


def problem(
    status: int,
    code: str,
    detail: str,
    faults: tuple[errors.InputFault, ...] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return an error's response: the body that every error has, and the headers of its status."""
    entries = [
        {
            "pointer": fault.pointer,
            "code": fault.code,
            "message": fault.message,
            **({} if fault.line is None else {"line": fault.line, "column": fault.column}),
        }
        for fault in faults
    ]
    body = {
        "type": f"/docs/errors#{code}",
        "title": TITLES_OF_CODES.get(code)
        or TITLES.get(status, "Internal error" if status >= 500 else "Request failed"),
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": log_context.get().get("request_id", ""),
        "errors": entries,
    }
    answer = Response(orjson.dumps(body), status, headers, mimetype="application/problem+json")
    if status == 401:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="dog"'
    if status == 503:
        answer.headers["Retry-After"] = str(random.randint(*RETRY_AFTER_SECONDS))  # no secret
    return answer


def from_dog_error(error: errors.DogError) -> Response:
    """Return the problem of one of our own errors."""
    status = status_of(error)
    if status >= 500:
        log.warning("store_error", code=error.code, detail=error.message)
    return problem(status, error.code, error.message, getattr(error, "faults", ()))


def from_validation(error: ValidationError) -> Response:
    """Return the problem of an invalid body, with one entry per field, for the first hundred."""
    faults = tuple(islice(_flatten(error.normalized_messages(), ""), MAX_FAULTS))
    count = f"{MAX_FAULTS} or more invalid fields" if len(faults) == MAX_FAULTS else f"{len(faults)} invalid fields"
    detail = faults[0].message if len(faults) == 1 else f"{count}; see errors"
    return problem(422, "invalid_input", detail, faults)


def _flatten(messages: Any, pointer: str) -> Iterator[errors.InputFault]:
    if isinstance(messages, Mapping):
        for name, inner in messages.items():
            yield from _flatten(inner, pointer if name == "_schema" else f"{pointer}/{str(name)[:MAX_KEY_CHARACTERS]}")
        return
    code = "unknown_field" if messages == ["Unknown field."] else "invalid_value"
    name = pointer.rsplit("/", 1)[-1]
    yield errors.InputFault(pointer, code, f"{name}: {' '.join(map(str, messages))}")


def from_http(error: HTTPException) -> Response:
    """Return the problem of an error of Flask: no such route, wrong method, body too large."""
    status = error.code or 500
    codes = {404: "no_such_route", 405: "method_not_allowed", 413: "too_large"}
    detail = {
        404: "unknown path; see /docs",
        405: "method not allowed on this path; see /docs",
        413: "the body is too large; send it in several calls",
    }.get(status, error.description or "")
    headers = {name: value for name, value in error.get_headers() if name == "Allow"}
    return problem(status, codes.get(status, "http_error"), detail, headers=headers)


def from_unexpected(error: Exception) -> Response:
    """Return the problem of an unexpected error; the traceback is logged, not returned."""
    log.error("unexpected_error", error=error)
    return problem(500, "internal_error", "internal error; the log has the details under this request_id")


def from_error(error: Exception) -> Response:
    """Return the problem of any error of a service."""
    return from_dog_error(error) if isinstance(error, errors.DogError) else from_unexpected(error)


def register_problems(app: Flask) -> None:
    """Answer every error of the app with a problem document."""
    app.register_error_handler(ValidationError, from_validation)
    app.register_error_handler(HTTPException, from_http)
    app.register_error_handler(Exception, from_error)
