"""Routes that declare method, path, scope, parameters and answers once: for the request guard and for OpenAPI."""

import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from http import HTTPStatus
from typing import Any

from flask import Response, request
from flask_smorest import Api, Blueprint

from dog.api.request_guard import SIGNED, View, needs
from dog.errors import InvalidInput

PROBLEM = {"$ref": "#/components/schemas/Problem"}
"""A reference: resolving the schema for each status of each route would take most of the start."""
COMMON_PROBLEMS = frozenset({400, 401, 403, 422, 429, 503})
MAX_DIGITS = 9

Parameter = Mapping[str, Any]


class OpenApi(Api):
    """The OpenAPI document, written on the first request for it: that saves a tenth of the start."""

    def __init__(self, app: Any) -> None:
        self._lock = threading.Lock()
        self.pending: list[Callable[[], None]] = []
        super().__init__(app)

    def _openapi_json(self) -> Response:
        with self._lock:
            while self.pending:
                self.pending.pop(0)()
        document: Response = super()._openapi_json()
        return document


class Routes(Blueprint):
    """A group of routes under one name of the OpenAPI document."""

    def __init__(self, name: str, description: str) -> None:
        super().__init__(name, name, description=description)

    def register_views_in_doc(self, api: OpenApi, *described: Any, **named: Any) -> None:
        """Postpone the description until the document is requested."""
        api.pending.append(partial(super().register_views_in_doc, api, *described, **named))

    def endpoint(
        self,
        method: str,
        path: str,
        *,
        scope: str,
        answers: Any,
        body: Any = None,
        status: int = 200,
        problems: Sequence[int] = (),
        parameters: Sequence[Parameter] = (),
        confirms: bool = False,
    ) -> Callable[[View], View]:
        """Register a view and document its body, answer, problems and parameters.

        Statuses 400, 401, 403, 422, 429 and 503 are documented everywhere. The request guard refuses requests without
        the `scope`, and query parameters that are not in `parameters`. See `needs` for `confirms`.
        """
        refused = {*COMMON_PROBLEMS, *problems, *((413,) if body is not None else ())}
        described: dict[str, Any] = {"responses": {**problem_responses(*refused), status: _response(status, answers)}}
        if scope == SIGNED:
            described["security"] = []
        if body is not None:
            described["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
        if parameters:
            described["parameters"] = list(parameters)

        def register(view: View) -> View:
            documented: Any = self.doc(**described)(needs(scope, confirms=confirms)(view))
            documented.query_names = frozenset(each["name"] for each in parameters if each["in"] == "query")
            self.route(path, methods=[method])(documented)
            return view

        return register


def problem_responses(*statuses: int) -> dict[int, Any]:
    """Return what the OpenAPI document has of responses that are problems."""
    return {code: _response(code, PROBLEM, "application/problem+json") for code in sorted(statuses)}


def _response(code: int, schema: Any, content_type: str = "application/json") -> dict[str, Any]:
    return {"description": HTTPStatus(code).phrase, "content": {content_type: {"schema": schema}}}


def query(name: str, kind: str, description: str, *, required: bool = False, **schema: Any) -> Parameter:
    """Declare a query parameter: its JSON Schema type and constraints."""
    named = {"in": "query", "name": name, "required": required, "description": description}
    return {**named, "schema": {"type": kind, **schema}}


def header(name: str, description: str) -> Parameter:
    """Declare a request header."""
    return {"in": "header", "name": name, "description": description, "schema": {"type": "string"}}


def read_integer(parameter: Parameter) -> int:
    """Read an integer query parameter within its declared bounds, or its default."""
    name, schema = parameter["name"], parameter["schema"]
    text, low, high = request.args.get(name, str(schema["default"])), schema["minimum"], schema["maximum"]
    number = int((text.lstrip("0") or "0")[:MAX_DIGITS]) if text.isascii() and text.isdigit() else low - 1
    if not low <= number <= high:
        raise InvalidInput(f"{name} must be a whole number from {low} to {high}")
    return number
