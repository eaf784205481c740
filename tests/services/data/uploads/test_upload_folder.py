"""Uploads keep their parts in place, their names harmless, and only for a while."""

import os
from pathlib import Path

import pytest

from dog.errors import Conflict, InvalidInput, NotFound
from dog.services.data.uploads.upload_folder import (
    KEPT_SECONDS,
    MAX_UPLOAD_BYTES,
    MOST_UPLOADS,
    begin_upload,
    find_upload,
    list_uploads,
    write_part,
)


def test_parts_that_come_twice_change_nothing(tmp_path: Path) -> None:
    upload = begin_upload(tmp_path, "default", "products", "p.csv")
    for offset, part in ((0, b"ab"), (2, b"cd"), (0, b"ab"), (2, b"cd")):
        size = write_part(upload, offset, part)

    assert (size, upload.file.read_bytes()) == (4, b"abcd")
    assert find_upload(tmp_path, "default", upload.upload_id) == upload
    with pytest.raises(Conflict, match="only 4 bytes are here"):
        write_part(upload, 5, b"x")
    with pytest.raises(InvalidInput, match="more than 1 GB"):
        write_part(upload, MAX_UPLOAD_BYTES, b"x")


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/p.csv", "p.csv"),
        ("C:\\data\\Ärzte 1.csv", "Ärzte 1.csv"),
        ("<b>.csv", "_b_.csv"),
        (".csv", "file-.csv"),
        ("upload.json.csv", "file-upload.json.csv"),
    ],
)
def test_a_name_leads_to_no_other_folder(tmp_path: Path, name: str, kept: str) -> None:
    assert begin_upload(tmp_path, "default", "products", name).file.name == kept


def test_files_of_unknown_kinds_and_endings_are_refused_and_leave_nothing(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="is not one of"):
        begin_upload(tmp_path, "default", "people", "p.csv")
    with pytest.raises(InvalidInput, match="the ending must be"):
        begin_upload(tmp_path, "default", "products", "p.exe")

    assert list(list_uploads(tmp_path, "default")) == []
    assert list(tmp_path.glob("uploads/default/*")) == []


def test_an_upload_belongs_to_its_tenant(tmp_path: Path) -> None:
    upload = begin_upload(tmp_path, "default", "products", "p.csv")

    for tenant, upload_id in (("other", upload.upload_id), ("default", "../default"), ("default", "0" * 16)):
        with pytest.raises(NotFound):
            find_upload(tmp_path, tenant, upload_id)


def test_old_uploads_and_more_than_the_newest_are_removed(tmp_path: Path) -> None:
    old = begin_upload(tmp_path, "default", "products", "old.csv")
    os.utime(old.folder, (0, old.folder.stat().st_mtime - KEPT_SECONDS - 1))
    for number in range(MOST_UPLOADS + 2):
        begin_upload(tmp_path, "default", "products", f"{number}.csv")
    kept = list(list_uploads(tmp_path, "default"))

    assert len(kept) == MOST_UPLOADS
    assert old not in kept
