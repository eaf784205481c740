"""The archive, in a folder and in an object store: files appear whole, and what fails is said in one sentence."""

import multiprocessing
import os
import signal
import time
from pathlib import Path

import pytest

from dog.errors import ArchiveUnavailable
from dog.storage.archive import NO_ARCHIVE, Archive


def test_a_file_is_read_back_listed_and_removed(archive_root: str) -> None:
    archive = Archive(archive_root, "acme")
    archive.put("cold-1/a.parquet", b"one")
    archive.put("cold-1/a.parquet", b"two")
    archive.put("2026-W46/07.parquet", b"week")

    assert archive.read("cold-1/a.parquet") == b"two"
    with archive.opened("cold-1/a.parquet", 3) as file:
        file.seek(1)
        assert file.read(1) == b"w"
    assert archive.names("cold-1") == ["cold-1/a.parquet"]
    assert archive.names("nothing") == []
    assert archive.folders() == ["2026-W46", "cold-1"]
    archive.remove(["cold-1/a.parquet", "cold-1/gone.parquet"])
    assert archive.names("cold-1") == []
    assert archive.find("cold-1/a.parquet") is None


def test_tenants_have_folders_of_their_own(archive_root: str) -> None:
    Archive(archive_root, "acme").put("x/a", b"1")

    assert Archive(archive_root, "other").folders() == []
    assert Archive(archive_root, "other").names("x") == []


def test_a_missing_file_is_named(archive_root: str) -> None:
    with pytest.raises(ArchiveUnavailable, match="lacks acme/x/a") as raised:
        Archive(archive_root, "acme").read("x/a")
    assert raised.value.code == "archive_file_missing"


def test_an_archive_that_is_away_fails_at_once_the_second_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    archive = Archive(str(tmp_path / "file"), "acme")

    with pytest.raises(ArchiveUnavailable, match="cannot be reached"):
        archive.put("x/a", b"1")
    with pytest.raises(ArchiveUnavailable, match="a moment ago"):
        archive.read("x/a")


def test_an_object_store_that_is_away_is_an_archive_that_cannot_be_reached(
    bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")

    with pytest.raises(ArchiveUnavailable, match="cannot be reached"):
        Archive(bucket + "/away", "acme").read("x/a")


def test_a_process_without_an_archive_says_so() -> None:
    with pytest.raises(ArchiveUnavailable, match="no archive"):
        NO_ARCHIVE.read("x/a")


def _upload(root: str) -> None:
    Archive(root, "acme").put("x/large", b"\0" * (1 << 27))


def test_a_killed_upload_leaves_no_half_file(archive_root: str) -> None:
    process = multiprocessing.get_context("spawn").Process(target=_upload, args=(archive_root,))
    process.start()
    time.sleep(0.2)
    archive = Archive(archive_root, "acme")
    while process.is_alive() and not archive.names("x"):
        time.sleep(0.01)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()

    whole = archive.find("x/large")
    assert whole is None or len(whole) == 1 << 27
