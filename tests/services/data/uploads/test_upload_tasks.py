"""An uploaded file is rehearsed, then loaded once; its progress is there for every worker."""

from pathlib import Path

import pytest

from dog.errors import Conflict
from dog.services.data.mapping.map_entries import FileEntry
from dog.services.data.uploads.upload_folder import Upload, begin_upload, write_part
from dog.services.data.uploads.upload_tasks import (
    DONE,
    FAILED,
    RUNNING,
    STOPPED,
    UploadTask,
    read_task,
    start_load,
    start_rehearsal,
)
from dog.services.runtime import Runtime
from dog.storage.audit_log import Actor, current_actor, read_audit_entries
from dog.storage.catalogue import read_catalogue
from dog.storage.load_records import list_loads
from dog.storage.store import Store

CONTENT = b"Nummer,name\np1,Fax\n,None\n"
ENTRY = FileEntry(columns={"Nummer": "product_id", "name": "name"})


@pytest.fixture
def upload(tmp_path: Path) -> Upload:
    made = begin_upload(tmp_path, "default", "products", "p.csv")
    write_part(made, 0, CONTENT)
    return made


def wait(upload: Upload) -> UploadTask:
    while (task := read_task(upload)) is None or task.state == RUNNING:
        pass
    return task


def test_a_rehearsal_changes_nothing_and_the_load_does_as_rehearsed(
    runtime: Runtime, store: Store, upload: Upload
) -> None:
    with pytest.raises(Conflict, match="rehearse the file first"):
        start_load(runtime, "default", upload)
    start_rehearsal(runtime, "default", upload, ENTRY)
    rehearsed = wait(upload)
    assert list_loads(store) == []
    token = current_actor.set(Actor("k1", "Ada", "here"))
    start_load(runtime, "default", upload)
    current_actor.reset(token)
    loaded = wait(upload)
    start_load(runtime, "default", upload)

    assert (rehearsed.state, rehearsed.counts["accepted"], rehearsed.counts["rejected"]) == (DONE, 1, 1)
    assert "line 3" in rehearsed.reasons[0]
    assert rehearsed.created[0] == "1 product (p1)"
    assert (loaded.state, loaded.counts) == (DONE, rehearsed.counts)
    assert read_catalogue(store).ids == ("p1",)
    assert [one.load_id for one in list_loads(store)] == [loaded.load_id]
    assert not upload.file.exists()
    assert upload.rejected.is_file()
    assert read_audit_entries(runtime.redis, "default", 1)[0][1]["name"] == "Ada"


def test_a_file_that_cannot_be_mapped_says_why(runtime: Runtime, store: Store, upload: Upload) -> None:
    start_rehearsal(runtime, "default", upload, FileEntry(columns={"Nummer": "", "name": "name"}))
    task = wait(upload)

    assert store.tenant.name == "default"
    assert task.state == FAILED
    assert "no column for product_id" in task.error


def test_a_task_whose_process_died_is_stopped(runtime: Runtime, store: Store, upload: Upload) -> None:
    start_rehearsal(runtime, "default", upload, ENTRY)
    path = upload.folder / "task.json"
    done = wait(upload)
    path.write_bytes(path.read_bytes().replace(b'"done"', b'"running"'))
    stopped = read_task(upload)

    assert store.tenant.name == "default"
    assert done.state == DONE
    assert stopped is not None
    assert stopped.state == STOPPED
