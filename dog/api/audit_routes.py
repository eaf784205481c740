"""GET /v1/audit: who changed what, when."""

import re

from flask import Response, g, request

from dog.api.read_response_schemas import AuditPage
from dog.api.request_guard import answer, needs, runtime
from dog.api.routing import query
from dog.api.routing import routes as make_routes
from dog.errors import InvalidInput
from dog.storage.audit_log import read_audit_entries

PLACE = re.compile(r"\d{17}-[0-9a-f]{8}")
MOST = 1000

routes = make_routes("audit", "Who changed what, when")


@routes.route("/audit", methods=["GET"])
@routes.documents(
    answers=AuditPage,
    parameters=[
        query("limit", "integer", "acts a page", default=100, minimum=1, maximum=MOST),
        query("cursor", "string", "next_cursor of the page before"),
    ],
)
@needs("admin")
def get_audit() -> Response:
    """List the tenant's acts, newest first."""
    limit, cursor = request.args.get("limit", "100"), request.args.get("cursor")
    if not limit.isascii() or not limit.isdigit() or not 1 <= int(limit[:9]) <= MOST:
        raise InvalidInput(f"limit must be a whole number from 1 to {MOST}")
    if cursor is not None and not PLACE.fullmatch(cursor):
        raise InvalidInput("cursor is none that this list gave; leave it out to begin anew")
    found = read_audit_entries(runtime().redis, g.tenant, int(limit), cursor)
    more = found[-1][0] if len(found) == int(limit) else None
    return answer({"items": [entry for _, entry in found], "next_cursor": more})
