import shutil
from pathlib import Path

import pytest

from dog.errors import StoreUnavailable
from dog.storage import server_binary
from dog.storage.server_binary import OLDEST_MAJOR_VERSION, find_binary, major_version


def test_the_program_of_the_package_is_found_and_new_enough() -> None:
    assert major_version(find_binary()) >= OLDEST_MAJOR_VERSION


def test_a_program_that_is_none_has_version_zero(tmp_path: Path) -> None:
    silent = tmp_path / "redis-server"
    silent.write_text("#!/bin/sh\nexit 0\n")
    silent.chmod(0o755)

    assert (major_version(silent), major_version(tmp_path / "missing")) == (0, 0)


def test_without_a_program_the_message_names_the_ways_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_binary, "find_spec", lambda _: None)
    monkeypatch.setattr(shutil, "which", lambda _: None)

    with pytest.raises(StoreUnavailable, match="set DOG_REDIS_URL"):
        find_binary()
