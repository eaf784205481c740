"""GET /v1/audit: who changed what, when."""

import re

from flask import Response, g, request

from dog.api.read_response_schemas import AuditPageSchema
from dog.api.request_guard import answer, runtime
from dog.api.routing import Routes, query, read_integer
from dog.errors import InvalidInput
from dog.storage.audit_log import read_audit_entries

CURSOR_FORMAT = re.compile(r"\d{17}-[0-9a-f]{8}")
LIMIT = query("limit", "integer", "acts a page", default=100, minimum=1, maximum=1000)
CURSOR = query("cursor", "string", "next_cursor of the page before")

routes = Routes("audit", "Who changed what, when")


@routes.endpoint("GET", "/v1/audit", scope="admin", answers=AuditPageSchema, parameters=[LIMIT, CURSOR])
def get_audit() -> Response:
    """List the tenant's audit entries, newest first."""
    limit, cursor = read_integer(LIMIT), request.args.get("cursor")
    if cursor is not None and not CURSOR_FORMAT.fullmatch(cursor):
        raise InvalidInput("invalid cursor; omit it to start from the beginning")
    found = read_audit_entries(runtime().redis, g.tenant, limit, cursor)
    more = found[-1][0] if len(found) == limit else None
    return answer({"items": [entry for _, entry in found], "next_cursor": more})
