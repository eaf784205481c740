"""POST /v1/products, /v1/contacts, /v1/scores: load rows."""

from typing import Any

from flask import Response, g, request

from dog.api.request_guard import MAX_IMPORT_BYTES, answer, charge_rate_limit, read_body, runtime
from dog.api.response_schemas import RowsAnswerSchema
from dog.api.routing import Routes
from dog.errors import InvalidInput, NotJson
from dog.services.data.import_rows import CHUNK_ROWS, import_rows
from dog.services.data.row_values import ACCEPTED, DUPLICATE, RowOutcome
from dog.services.data.strict_json import parse_json
from dog.services.data.unknown_rows import suggest_in_rows
from dog.services.feedback.release_quarantine import release_quarantine
from dog.services.operations.rate_limits import EVENTS_OR_ROWS_A_UNIT
from dog.services.runner import LocalRunner
from dog.services.weekly.describe_loads import describe_changed_loads
from dog.services.weekly.fit_policies import refresh_consolidation
from dog.storage.audit_log import record_audit_entry
from dog.storage.catalogue import read_models
from dog.storage.consolidation_fits import read_loads
from dog.storage.event_log import Status
from dog.storage.store import Store

DESCRIBED_AT_ONCE = 20_000
"""Scores that are described within the request that changes some."""
ROWS = {"type": "array", "items": {"type": "object"}}

routes = Routes("rows", "Products, contacts and scores")


def _read_rows() -> list[Any]:
    if request.mimetype in ("application/x-ndjson", "application/ndjson"):
        lines = read_body(request.mimetype, max_bytes=MAX_IMPORT_BYTES).split(b"\n")
        rows = [parse_json(line) for line in lines if line.strip()]
    else:
        rows = parse_json(read_body("application/json", "application/x-ndjson", max_bytes=MAX_IMPORT_BYTES))
    if not isinstance(rows, list):
        raise NotJson("send a JSON array of rows, or NDJSON with Content-Type application/x-ndjson")
    if len(rows) > CHUNK_ROWS:
        raise InvalidInput(f"{len(rows)} rows in one call; the most is {CHUNK_ROWS}", code="too_many_rows")
    return rows


def _import(kind: str) -> Response:
    rows = _read_rows()
    charge_rate_limit(len(rows) / EVENTS_OR_ROWS_A_UNIT)
    objects = [row if isinstance(row, dict) else {} for row in rows]
    store = runtime().store(g.tenant)
    results = suggest_in_rows(store, import_rows(store, kind, objects, runtime().settings.zone))
    if kind == "scores":
        _describe_scores(store)
    release_quarantine(runtime(), store)
    statuses = [result.status for result in results]
    record_audit_entry(store.redis, g.tenant, "rows.load", kind, accepted=statuses.count(Status.ACCEPTED))
    return answer(
        {
            "accepted": statuses.count(Status.ACCEPTED),
            "duplicates": statuses.count(Status.DUPLICATE),
            "rejected": statuses.count(Status.REJECTED),
            "results": [_present(result) for result in results],
        }
    )


def _describe_scores(store: Store) -> None:
    """Describe changed scores and fit policies to a new model; many scores wait for the scheduler's next minute."""
    if read_models(store).keys() - read_loads(store).by_model.keys():
        refresh_consolidation(LocalRunner(runtime()), store, runtime().clock())
    else:
        describe_changed_loads(LocalRunner(runtime()), store, runtime().clock(), DESCRIBED_AT_ONCE)


def _present(result: RowOutcome) -> dict[str, Any]:
    if result in (ACCEPTED, DUPLICATE):
        return {"status": result.status}
    if result.warning is not None:
        return {"status": result.status, "warning": {"code": result.warning.code, "message": result.warning.message}}
    return {"status": result.status, "code": result.code, "message": result.message}


def _register(kind: str) -> None:
    def view() -> Response:
        return _import(kind)

    view.__name__ = f"post_{kind}"
    view.__doc__ = f"Load up to 10,000 rows of {kind}, each with its own result."
    routes.endpoint("POST", f"/v1/{kind}", scope="admin", body=ROWS, answers=RowsAnswerSchema)(view)


for _kind in ("products", "contacts", "scores"):
    _register(_kind)
