"""Rehearse and load an uploaded file in a thread; its progress is a file beside it, which every worker reads."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextvars import copy_context
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson

from dog.errors import Conflict, DogError
from dog.log import log
from dog.services.background_tasks import BUG_MESSAGE
from dog.services.data.load_file import load_file
from dog.services.data.loads.rehearse import rehearse_file
from dog.services.data.mapping.map_entries import FileEntry
from dog.services.data.row_values import RowCounts
from dog.services.data.unfinished_file import unfinished_file
from dog.services.data.unknown_rows import describe_unknown
from dog.services.data.uploads.upload_folder import Upload
from dog.services.job_lease import repeated
from dog.services.runtime import Runtime
from dog.services.weekly.plan_replay import describe_late

REHEARSAL, LOAD = "rehearsal", "load"
RUNNING, DONE, FAILED, STOPPED = "running", "done", "failed", "stopped"
BEAT_SECONDS, DEAD_SECONDS = 2.0, 20.0
"""How often a task marks that it runs, and after which time without a mark it counts as stopped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadTask:
    """A rehearsal or load of an uploaded file: how far it is, and the result."""

    deed: str
    state: str
    entry: Mapping[str, Any]  # how the file is mapped
    progress: float = 0.0
    error: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    by_code: Mapping[str, int] = field(default_factory=dict)
    notes: Sequence[str] = ()
    created: Sequence[str] = ()
    reasons: Sequence[str] = ()
    unknown: Sequence[str] = ()
    late: str | None = None
    load_id: str = ""


def read_task(upload: Upload) -> UploadTask | None:
    """Return the last task of an upload, as stopped where its process has died; None before the first."""
    is_alive = _is_alive(_mark(upload))  # first: the mark is removed after the end is written
    path = upload.folder / "task.json"
    if not path.is_file():
        return None
    task = UploadTask(**orjson.loads(path.read_bytes()))
    if is_alive:
        return replace(task, state=RUNNING)
    return replace(task, state=STOPPED) if task.state == RUNNING else task


def start_rehearsal(runtime: Runtime, tenant: str, upload: Upload, entry: FileEntry) -> None:
    """Start the rehearsal of a file that is not loaded yet; nothing happens while a task of it runs."""

    def work(report: Callable[[float], object]) -> dict[str, Any]:
        found = rehearse_file(runtime, tenant, upload.kind, upload.file, entry, report)
        told = {name: getattr(found, name) for name in ("notes", "created", "reasons", "unknown", "late")}
        return _counted(found.counts) | told

    _start(upload, UploadTask(deed=REHEARSAL, state=RUNNING, entry=asdict(entry)), work)


def start_load(runtime: Runtime, tenant: str, upload: Upload) -> None:
    """Start the load of a file as it was rehearsed; nothing happens where it runs or is done."""
    before = read_task(upload)
    if before is None or (before.deed == REHEARSAL and before.state != DONE):
        raise Conflict("rehearse the file first")
    if before.deed == LOAD and before.state == DONE:
        return
    entry = FileEntry(**before.entry)

    def work(report: Callable[[float], object]) -> dict[str, Any]:
        loaded = load_file(runtime, tenant, upload.kind, upload.file, entry, report)
        store, counts = runtime.store(tenant), loaded.counts
        upload.file.unlink()
        return _counted(counts) | {
            "notes": loaded.notes,
            "unknown": describe_unknown(store, counts.unknown),
            "late": describe_late(store, runtime.settings.zone) if counts.in_published_weeks else None,
            "load_id": loaded.load_id,
        }

    _start(upload, UploadTask(deed=LOAD, state=RUNNING, entry=before.entry), work)


def _counted(counts: RowCounts) -> dict[str, Any]:
    names = ("accepted", "duplicates", "rejected", "quarantined")
    return {"counts": {name: getattr(counts, name) for name in names}, "by_code": dict(counts.by_code)}


def _start(upload: Upload, task: UploadTask, work: Callable[[Callable[[float], object]], dict[str, Any]]) -> None:
    mark = _mark(upload)
    if mark.exists() and not _is_alive(mark):
        mark.unlink(missing_ok=True)
    try:
        mark.touch(exist_ok=False)
    except FileExistsError:  # it runs, here or in another worker
        return
    _put(upload, task)
    context = copy_context()  # the audit log names who asked
    threading.Thread(target=context.run, args=(_run, upload, task, work), daemon=True).start()


def _run(upload: Upload, task: UploadTask, work: Callable[[Callable[[float], object]], dict[str, Any]]) -> None:
    with repeated(BEAT_SECONDS, _mark(upload).touch):
        try:
            found = work(_Progress(upload, task).report)
            _put(upload, replace(task, state=DONE, progress=1.0, **found))
        except DogError as error:
            _put(upload, replace(task, state=FAILED, error=error.message))
        except Exception:
            log.exception("upload_task_failed", upload=upload.upload_id)
            _put(upload, replace(task, state=FAILED, error=BUG_MESSAGE))
    _mark(upload).unlink(missing_ok=True)


class _Progress:
    """Writes how far a task is, at most once a second."""

    def __init__(self, upload: Upload, task: UploadTask) -> None:
        self._upload, self._task, self._next_at = upload, task, 0.0

    def report(self, share: float) -> None:
        """Write the share done."""
        if time.monotonic() >= self._next_at:
            self._next_at = time.monotonic() + 1
            _put(self._upload, replace(self._task, progress=round(share, 4)))


def _put(upload: Upload, task: UploadTask) -> None:
    with unfinished_file(upload.folder / "task.json") as path:
        path.write_bytes(orjson.dumps(asdict(task)))


def _mark(upload: Upload) -> Path:
    return upload.folder / "task.running"


def _is_alive(mark: Path) -> bool:
    try:
        return time.time() - mark.stat().st_mtime < DEAD_SECONDS
    except FileNotFoundError:
        return False
