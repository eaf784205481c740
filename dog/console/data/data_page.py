"""The data page: first steps, loads with undo, models with the age of their scores, events in quarantine."""

from contextvars import copy_context

from flask import Blueprint, render_template

from dog.console.session import require, runtime, tenant
from dog.console.texts import N_, _, ngettext
from dog.errors import DogError
from dog.services.background_tasks import BackgroundResults
from dog.services.data.describe_models import describe_models
from dog.services.data.loads.list_file_loads import list_file_loads
from dog.services.data.loads.undo_load import UndoneLoad, undo_load
from dog.services.data.read_rows import FORMATS
from dog.services.data.uploads.upload_folder import MAX_UPLOAD_BYTES, list_uploads
from dog.services.desk.setup_steps import read_setup_steps
from dog.services.feedback.count_waiting_names import count_waiting_names
from dog.services.feedback.release_quarantine import release_quarantine
from dog.storage.audit_log import record_audit_entry
from dog.storage.load_records import UNDOING

MOST_LOADS = 20
WAIT_SECONDS = 3.0
"""How long a request waits for an undo, which is usually shorter; the page polls for a longer one."""
STATES = {
    "running": N_("running"),
    "complete": N_("complete"),
    "undoing": N_("undo not complete"),
    "undone": N_("undone"),
    "interrupted": N_("interrupted"),
}
KINDS = {
    "products": N_("products"),
    "contacts": N_("contacts"),
    "scores": N_("scores"),
    "feedback": N_("feedback"),
    "transactions": N_("transactions"),
}

routes = Blueprint("data", __name__)


@routes.get("/data")
def show() -> str:
    """Show the page."""
    require("admin")
    return render_template(
        "data.html",
        steps=read_setup_steps(runtime(), runtime().store(tenant())),
        uploads=list(list_uploads(runtime().settings.data_dir, tenant())),
        most_bytes=MAX_UPLOAD_BYTES,
        endings=[*FORMATS, ".gz"],
        models=describe_models(runtime(), tenant()),
        waiting=count_waiting_names(runtime(), runtime().store(tenant())),
        **_loads(),
    )


@routes.get("/data/loads")
def show_loads() -> str:
    """Show the loads; polled while one runs."""
    require("admin")
    return render_template("data_loads.html", **_loads())


@routes.post("/data/loads/<load_id>/undo")
def undo(load_id: str) -> str:
    """Undo a load in the background; a repeated request completes an undo that was stopped."""
    require("admin")
    results, key, context = runtime().shared(BackgroundResults), (tenant(), f"undo {load_id}"), copy_context()
    the_runtime, the_tenant = runtime(), tenant()
    results.start(key, lambda: context.run(undo_load, the_runtime, the_tenant, load_id))
    found, _running = results.result(key, WAIT_SECONDS)
    if isinstance(found, DogError):
        raise found
    done = _describe_undone(found) if isinstance(found, UndoneLoad) else _("The undo continues in the background.")
    return render_template("data_loads.html", said=done, undoing=found is None, **_loads())


@routes.post("/data/quarantine/release")
def release() -> str:
    """Record the waiting events whose names are known by now."""
    require("admin")
    store = runtime().store(tenant())
    released = release_quarantine(runtime(), store)
    record_audit_entry(store.redis, tenant(), "feedback.release", accepted=released)
    said = ngettext("%(n)s event is recorded.", "%(n)s events are recorded.", released)
    return render_template("data_waiting.html", said=said, waiting=count_waiting_names(runtime(), store))


def _loads() -> dict[str, object]:
    loads = list_file_loads(runtime().store(tenant()), MOST_LOADS)
    return {
        "loads": loads,
        "running": any(one.record.state in ("running", UNDOING) for one in loads),
        "states": STATES,
        "kinds": KINDS,
    }


def _describe_undone(done: UndoneLoad) -> str:
    events = ngettext("%(n)s event", "%(n)s events", done.events)
    rows = ngettext("%(n)s row", "%(n)s rows", done.rows)
    said = [_("Undone: %(events)s and %(rows)s taken back.", events=events, rows=rows)]
    if done.kept_rows:
        kept = ngettext("%(n)s row", "%(n)s rows", done.kept_rows)
        said.append(_("%(kept)s stayed: changed by others while the undo ran.", kept=kept))
    return " ".join([*said, *filter(None, [done.late])])
