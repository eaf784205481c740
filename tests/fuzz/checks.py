"""What schemathesis asks for and holds every answer against, besides its own (read through SCHEMATHESIS_HOOKS)."""

from http import HTTPStatus
from typing import Any
from zlib import crc32

import schemathesis
from schemathesis import Case, CheckContext, HookContext, Response

FIELDS = {"type", "title", "status", "detail", "code", "request_id", "errors"}
KNOWN = {
    "contact_id": "c1",
    "product_id": "p1",
    "decision_id": "d1",
    "event_id": "e1",
    "name": "recommended",
    "policy": "recommended",
    "why_not": "p2",
}
"""What the service holds: made-up names alone would never come past 404."""


def with_known(values: Any) -> Any:
    """Put names that exist in the place of about half of the made-up ones, the same ones each time."""
    if not isinstance(values, dict):
        return values
    return {
        name: KNOWN[name] if name in KNOWN and crc32(repr(value).encode("utf-8", "replace")) % 2 else value
        for name, value in values.items()
    }


@schemathesis.hook
def map_path_parameters(context: HookContext, path_parameters: Any) -> Any:
    """Ask for what exists, by the path."""
    del context
    return with_known(path_parameters)


@schemathesis.hook
def map_query(context: HookContext, query: Any) -> Any:
    """Ask for what exists, by the query."""
    del context
    return with_known(query)


@schemathesis.hook
def map_body(context: HookContext, body: Any) -> Any:
    """Ask for what exists, by the body."""
    del context
    return with_known(body)


@schemathesis.check
def errors_are_problem_documents(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """Ask of every error the one body that all have, and of every answer its id."""
    del ctx, case
    assert response.headers.get("x-request-id"), "no X-Request-Id"
    if response.status_code < HTTPStatus.BAD_REQUEST:
        return
    assert response.headers["content-type"] == ["application/problem+json"], response.headers["content-type"]
    body = response.json()
    assert set(body) == FIELDS, f"fields {sorted(body)}"
    assert body["status"] == response.status_code
    assert body["code"]
    assert body["detail"]
