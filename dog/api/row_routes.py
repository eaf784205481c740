"""POST /v1/products, /v1/contacts, /v1/scores: load rows."""

from typing import Any

from flask import Response, g, request

from dog.api.request_guard import MAX_IMPORT_BYTES, answer, needs, read_body, runtime, spend
from dog.api.response_schemas import RowsAnswer
from dog.api.routing import routes as make_routes
from dog.errors import InvalidInput, NotJson
from dog.services.data.import_rows import CHUNK_ROWS, import_rows
from dog.services.data.row_values import ACCEPTED, DUPLICATE, RowOutcome
from dog.services.data.strict_json import parse_json
from dog.services.operations.rate_limits import EVENTS_OR_ROWS_A_UNIT
from dog.services.policies.policy_store import default_policy
from dog.services.weekly.calibrate_models import calibrate_models
from dog.storage.audit_log import record_audit_entry
from dog.storage.event_log import Status
from dog.storage.model_records import read_models

routes = make_routes("rows", "Products, contacts and scores")


def _rows() -> list[Any]:
    if request.mimetype in ("application/x-ndjson", "application/ndjson"):
        lines = read_body(request.mimetype, largest_bytes=MAX_IMPORT_BYTES).split(b"\n")
        rows = [parse_json(line) for line in lines if line.strip()]
    else:
        rows = parse_json(read_body("application/json", "application/x-ndjson", largest_bytes=MAX_IMPORT_BYTES))
    if not isinstance(rows, list):
        raise NotJson("send a JSON array of rows, or NDJSON with Content-Type application/x-ndjson")
    if len(rows) > CHUNK_ROWS:
        raise InvalidInput(f"{len(rows)} rows in one call; the most is {CHUNK_ROWS}", code="too_many_rows")
    return rows


def _import(kind: str) -> Response:
    rows = _rows()
    spend(len(rows) / EVENTS_OR_ROWS_A_UNIT)
    results: list[RowOutcome] = []
    objects = [row if isinstance(row, dict) else {} for row in rows]
    store = runtime().store(g.tenant)
    results = import_rows(store, kind, objects, runtime().settings.zone)
    if kind == "scores" and any("mean" not in model for model in read_models(store).values()):
        calibrate_models(store, default_policy(store))  # a new model; later loads wait for the weekly job
    statuses = [result.status for result in results]
    record_audit_entry(store.redis, g.tenant, "rows.load", kind, accepted=statuses.count(Status.ACCEPTED))
    return answer(
        {
            "accepted": statuses.count(Status.ACCEPTED),
            "duplicates": statuses.count(Status.DUPLICATE),
            "rejected": statuses.count(Status.REJECTED),
            "results": [_shown(result) for result in results],
        }
    )


def _shown(result: RowOutcome) -> dict[str, Any]:
    if result in (ACCEPTED, DUPLICATE):
        return {"status": result.status}
    return {"status": result.status, "code": result.code, "message": result.message}


def _route(kind: str) -> None:
    @needs("admin")
    def view() -> Response:
        return _import(kind)

    view.__name__ = f"post_{kind}"
    view.__doc__ = f"Load up to 10,000 rows of {kind}, each with its own result."
    rows_of = {"type": "array", "items": {"type": "object"}}
    documented = routes.documents(answers=RowsAnswer, problems=(400, 413))(view)
    documented = routes.doc(requestBody={"required": True, "content": {"application/json": {"schema": rows_of}}})(
        documented
    )
    routes.route(f"/{kind}", methods=["POST"])(documented)


for _kind in ("products", "contacts", "scores"):
    _route(_kind)
