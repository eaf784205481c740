"""Upload a file, map its columns, rehearse it, load it."""

from flask import Blueprint, Response, jsonify, render_template, request, send_file
from flask.typing import ResponseReturnValue

from dog.console.data.column_form import (
    AS_IT_IS,
    column_choices,
    constant_names,
    propose,
    read_entry,
    type_words,
)
from dog.console.data.data_page import KINDS
from dog.console.session import require, runtime, tenant
from dog.console.texts import N_, _
from dog.console.whole_number import whole_number
from dog.errors import InvalidInput, NotFound
from dog.services.data.mapping.file_columns import FILE_COLUMNS
from dog.services.data.mapping.file_head import FileHead, read_heads
from dog.services.data.mapping.map_entries import FileEntry
from dog.services.data.uploads.upload_folder import Upload, begin_upload, find_upload, write_part
from dog.services.data.uploads.upload_tasks import LOAD, UploadTask, read_task, start_load, start_rehearsal

MAX_PART_BYTES = 8 << 20
COUNTS = {
    "accepted": N_("accepted"),
    "duplicates": N_("duplicates"),
    "rejected": N_("rejected"),
    "quarantined": N_("in quarantine"),
}

routes = Blueprint("uploads", __name__)


@routes.post("/data/uploads")
def begin() -> Response:
    """Begin an upload; its id is the answer."""
    require("admin")
    folder = runtime().settings.data_dir
    upload = begin_upload(folder, tenant(), request.form.get("kind", ""), request.form.get("name", ""))
    return jsonify(id=upload.upload_id)


@routes.post("/data/uploads/<upload_id>/parts")
def add_part(upload_id: str) -> Response:
    """Write a part of the file at its offset."""
    require("admin")
    offset = whole_number(request.args.get("offset", ""))
    if offset is None:
        raise InvalidInput("offset is the number of bytes before the part")
    if (request.content_length or 0) > MAX_PART_BYTES:
        raise InvalidInput(f"a part has at most {MAX_PART_BYTES} bytes")
    return jsonify(size=write_part(_find(upload_id), offset, request.get_data(cache=False)))


@routes.get("/data/uploads/<upload_id>")
def show(upload_id: str) -> str:
    """Show the columns of an uploaded file as they were chosen, else as they are proposed, and the last task."""
    require("admin")
    upload = _find(upload_id)
    task = read_task(upload)
    shown: dict[str, object] = {}
    if upload.file.exists():
        heads = read_heads(upload.file)
        entry = FileEntry(**task.entry) if task else None
        sheet = request.args.get("sheet") or (entry.sheet if entry else None)
        head = _head(heads, sheet)
        if entry is None or entry.sheet != head.sheet:
            entry = propose(head, upload.kind)
        shown = _form(upload, head, entry) | {"sheets": [one.sheet for one in heads if one.sheet]}
    return render_template("data_upload.html", **shown, **_task(upload, task))


@routes.post("/data/uploads/<upload_id>/rehearse")
def rehearse(upload_id: str) -> str:
    """Rehearse the load as the form maps the columns."""
    require("admin")
    upload = _find(upload_id)
    head = _head(read_heads(upload.file), request.form.get("sheet") or None)
    start_rehearsal(runtime(), tenant(), upload, read_entry(request.form, head, upload.kind))
    return show_task(upload_id)


@routes.post("/data/uploads/<upload_id>/load")
def load(upload_id: str) -> str:
    """Load the file as it was rehearsed."""
    require("admin")
    start_load(runtime(), tenant(), _find(upload_id))
    return show_task(upload_id)


@routes.get("/data/uploads/<upload_id>/task")
def show_task(upload_id: str) -> str:
    """Show how far a rehearsal or load is, or the result."""
    require("admin")
    upload = _find(upload_id)
    return render_template("data_task.html", **_task(upload, read_task(upload)))


@routes.get("/data/uploads/<upload_id>/rejected")
def download_rejected(upload_id: str) -> ResponseReturnValue:
    """Send the file of rejected rows."""
    require("admin")
    upload = _find(upload_id)
    if not upload.rejected.is_file():
        raise NotFound(_("No row of this file was rejected."))
    return send_file(upload.rejected.absolute(), "text/csv", as_attachment=True, download_name=upload.rejected.name)


def _find(upload_id: str) -> Upload:
    return find_upload(runtime().settings.data_dir, tenant(), upload_id)


def _head(heads: list[FileHead], sheet: str | None) -> FileHead:
    """Return the head of a sheet, by default of the first."""
    if not heads:
        raise InvalidInput(_("The workbook has no sheet with columns."))
    return next((one for one in heads if one.sheet == sheet), heads[0])


def _form(upload: Upload, head: FileHead, entry: FileEntry) -> dict[str, object]:
    columns = FILE_COLUMNS[upload.kind]
    return {
        "entry": entry,
        "sheet": head.sheet,
        "choices": column_choices(head, entry),
        "targets": columns.names,
        "required": columns.required,
        "keeps_others": columns.keeps_others,
        "constants": constant_names(upload.kind),
        "words": type_words(head, entry) if upload.kind == "feedback" else [],
        "types": columns.choices.get("type", ()),
        "as_it_is": AS_IT_IS,
    }


def _task(upload: Upload, task: UploadTask | None) -> dict[str, object]:
    return {
        "upload": upload,
        "kind": KINDS[upload.kind],
        "task": task,
        "loads": task is not None and task.deed == LOAD,
        "has_rejected": task is not None and task.deed == LOAD and upload.rejected.is_file(),
        "count_names": COUNTS,
    }
