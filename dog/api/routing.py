"""What every set of routes is made with."""

import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any

from flask import Response
from flask_smorest import Api, Blueprint

ROOT = Path(__file__).parent.parent.parent
"""The checkout: beside the code lie the policies and their schema."""
PROBLEM = {"$ref": "#/components/schemas/Problem"}
"""As a reference: resolving the schema anew for each status of each route would take most of the start."""


class Documentation(Api):
    """What describes the routes, written when it is first asked for: that takes a tenth of the start."""

    def __init__(self, app: Any) -> None:
        self._lock = threading.Lock()
        self.unwritten: list[Callable[[], None]] = []
        super().__init__(app)

    def _openapi_json(self) -> Response:
        with self._lock:
            while self.unwritten:
                self.unwritten.pop(0)()
        described: Response = super()._openapi_json()
        return described


class Routes(Blueprint):
    """Routes that say which problems they answer with and what body they take."""

    def register_views_in_doc(self, api: Documentation, *described: Any, **named: Any) -> None:
        """Leave the description for later."""
        api.unwritten.append(partial(super().register_views_in_doc, api, *described, **named))

    def documents(
        self,
        body: Any = None,
        *,
        answers: Any,
        status: int = 200,
        problems: tuple[int, ...] = (),
        parameters: Sequence[Mapping[str, Any]] = (),
    ) -> Any:
        """Document a route's body, answer, problems and parameters; 401, 403, 422, 429 and 503 go without saying.

        Parameters of the query that are not named here are refused at the door.
        """
        refused = {401, 403, 422, 429, 503, *((400, 413) if body else ()), *problems}
        responses = {code: _response(code, PROBLEM, "application/problem+json") for code in sorted(refused)}
        told: dict[str, Any] = {"responses": {**responses, status: _response(status, answers)}}
        if body is not None:
            told["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
        if parameters:
            told["parameters"] = list(parameters)

        def declare(view: Any) -> Any:
            documented = self.doc(**told)(view)
            documented.query_names = frozenset(each["name"] for each in parameters if each["in"] == "query")
            return documented

        return declare


def _response(code: int, schema: Any, content_type: str = "application/json") -> dict[str, Any]:
    return {"description": HTTPStatus(code).phrase, "content": {content_type: {"schema": schema}}}


def query(name: str, kind: str, description: str, *, required: bool = False, **schema: Any) -> dict[str, Any]:
    """Document a parameter of the query: its type in JSON Schema, and what bounds it."""
    named = {"in": "query", "name": name, "required": required, "description": description}
    return {**named, "schema": {"type": kind, **schema}}


def header(name: str, description: str) -> dict[str, Any]:
    """Document a header that a route heeds."""
    return {"in": "header", "name": name, "description": description, "schema": {"type": "string"}}


def routes(name: str, description: str) -> Routes:
    """Make a set of routes under /v1."""
    return Routes(name, name, url_prefix="/v1", description=description)
