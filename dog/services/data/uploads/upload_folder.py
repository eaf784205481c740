"""Uploaded files, each in a folder of its own below the data folder; old ones are removed."""

import re
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree

import orjson

from dog.errors import Conflict, InvalidInput, NotFound
from dog.services.data.mapping.file_columns import KINDS
from dog.services.data.mapping.reject_names import rejected_path
from dog.services.data.read_rows import DataFile

MAX_UPLOAD_BYTES = 1 << 30
MOST_UPLOADS = 10
"""Uploads that a tenant keeps."""
KEPT_SECONDS = 2 * 86_400
MOST_NAME_CHARACTERS = 100
ABOUT = "upload.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """An uploaded file of a kind."""

    upload_id: str
    kind: str
    file: Path  # removed once it is loaded

    @property
    def folder(self) -> Path:
        """The folder of this upload alone."""
        return self.file.parent

    @property
    def rejected(self) -> Path:
        """Where the load writes the rejected rows."""
        return rejected_path(self.file)


def begin_upload(data_dir: Path, tenant: str, kind: str, name: str) -> Upload:
    """Make an empty file to be filled; raise `InvalidInput` where its kind or ending is none that can be loaded."""
    if kind not in KINDS:
        raise InvalidInput(f"{kind[:40]!r} is not one of {', '.join(KINDS)}")
    _forget_old(data_dir, tenant)
    upload_id = secrets.token_hex(8)
    folder = _root(data_dir, tenant) / upload_id
    folder.mkdir(parents=True, mode=0o700)
    upload = Upload(upload_id=upload_id, kind=kind, file=folder / _safe_name(name))
    upload.file.touch()
    try:
        DataFile(upload.file)
    except InvalidInput:
        rmtree(folder)
        raise
    (folder / ABOUT).write_bytes(orjson.dumps({"kind": kind, "name": upload.file.name}))
    return upload


def find_upload(data_dir: Path, tenant: str, upload_id: str) -> Upload:
    """Return an upload; raise `NotFound` where the tenant has none of this id."""
    folder = _root(data_dir, tenant) / upload_id
    if not re.fullmatch("[0-9a-f]{16}", upload_id) or not (folder / ABOUT).is_file():
        raise NotFound("the upload was not found: it is too old, or on another machine; upload the file again")
    about = orjson.loads((folder / ABOUT).read_bytes())
    return Upload(upload_id=upload_id, kind=about["kind"], file=folder / about["name"])


def write_part(upload: Upload, offset_bytes: int, part: bytes) -> int:
    """Write a part of the file, again if need be; return how many bytes of the file are here."""
    end = offset_bytes + len(part)
    if end > MAX_UPLOAD_BYTES:
        raise InvalidInput(f"the file has more than {MAX_UPLOAD_BYTES >> 30} GB; load it with: dog load")
    if not upload.file.exists():
        raise Conflict("the file is loaded already")
    with upload.file.open("r+b") as file:
        size = file.seek(0, 2)
        if offset_bytes > size:
            raise Conflict(f"the part begins at byte {offset_bytes}, but only {size} bytes are here; upload it again")
        file.seek(offset_bytes)
        file.write(part)
    return max(size, end)


def list_uploads(data_dir: Path, tenant: str) -> Iterator[Upload]:
    """Yield the uploads of a tenant, newest first."""
    root = _root(data_dir, tenant)
    folders = [one for one in root.iterdir() if (one / ABOUT).is_file()] if root.is_dir() else []
    for folder in sorted(folders, key=_changed_at, reverse=True):
        yield find_upload(data_dir, tenant, folder.name)


def _forget_old(data_dir: Path, tenant: str) -> None:
    for place, upload in enumerate(list(list_uploads(data_dir, tenant)), 1):
        age_seconds = time.time() - _changed_at(upload.folder)
        if place >= MOST_UPLOADS or age_seconds > KEPT_SECONDS:
            rmtree(upload.folder)


def _changed_at(folder: Path) -> float:
    return folder.stat().st_mtime


def _root(data_dir: Path, tenant: str) -> Path:
    return data_dir / "uploads" / tenant


def _safe_name(name: str) -> str:
    """Return a name without folders and signs that a shell or a page may misread."""
    last = re.sub(r"[^\w.() -]+", "_", name.replace("\\", "/").rpartition("/")[2])[-MOST_NAME_CHARACTERS:]
    return f"file-{last}" if last.startswith((".", "upload.", "task.")) else last
