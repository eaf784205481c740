"""Runs of the job that moves cold data: kills lose and double nothing; without the archive the rest continues."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dog.errors import ArchiveUnavailable
from dog.services.lists.list_request import ListRequest
from dog.services.lists.recommend import recommend
from dog.services.pairs.read_multipliers import activate_published
from dog.services.runtime import Runtime
from dog.services.weekly import archive_cold
from dog.services.weekly.archive_weeks import archive
from dog.storage.cold_data import cold_folder, read_segments
from dog.storage.contact_lists import scan_decision_keys
from dog.storage.embedded import EmbeddedServer
from dog.storage.store import Store
from tests.cold_data import (
    age_decisions,
    break_archive,
    decide,
    every_decision,
    kept,
    publish_weeks,
    use_archive,
)
from tests.conftest import Clock
from tests.servers import wait_until
from tests.services.conftest import one_server


@pytest.fixture
def cold(runtime: Runtime, store: Store, archive_root: str) -> Store:  # the tenant has to be there
    """Open the tenant with an archive."""
    return use_archive(runtime, archive_root)


@pytest.fixture
def weeks(runtime: Runtime, loaded: Store, clock: Clock) -> list[str]:  # products and contacts
    """Publish five weeks; the versions, oldest first."""
    return publish_weeks(runtime, clock)


@pytest.mark.parametrize("step", ["write_segment", "put_decision_segment", "move_rows"])
def test_a_run_that_dies_after_any_step_is_finished_by_the_next(
    runtime: Runtime, cold: Store, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    ids = decide(cold, 50)
    before = kept(cold, ids)
    age_decisions(cold)
    done: Callable[..., Any] = getattr(archive_cold, step)

    def die(*arguments: Any) -> None:
        done(*arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(archive_cold, step, die)
        with pytest.raises(KeyboardInterrupt):
            archive(runtime, "default")
    assert kept(cold, ids) == before

    archive(runtime, "default")

    assert kept(cold, ids) == before
    assert list(scan_decision_keys(cold)) == []
    assert len(every_decision(cold)) == 50
    assert len(read_segments(cold).decisions) == 1
    assert len(cold.archive.names(cold_folder(cold))) == 1


RUN = """
from dog.bootstrap import build_runtime
from dog.services.weekly.archive_weeks import archive
from dog.storage import old_decisions
old_decisions.SEGMENT_ROWS = 20
archive(build_runtime(), "default")
"""


@one_server
def test_a_run_killed_again_and_again_loses_and_doubles_nothing(
    runtime: Runtime, cold: Store, redis_server: EmbeddedServer, tmp_path: Path
) -> None:
    ids = decide(cold, 600)
    before = kept(cold, ids)
    age_decisions(cold)
    environ = {**os.environ, "DOG_REDIS_URL": redis_server.url, "DOG_DATA_DIR": str(tmp_path)}
    environ |= {"DOG_ARCHIVE": str(runtime.settings.archive), "DOG_DURABILITY": "standard"}
    for left in (560, 300):
        process = subprocess.Popen([sys.executable, "-c", RUN], env=environ)
        wait_until(lambda most=left: len(list(scan_decision_keys(cold))) <= most, 60)  # type: ignore[misc]  # mypy and defaults
        process.kill()
        process.wait()
        cold.redis.delete(cold.keys.of("lease", "archive"))  # it would expire after half a minute

    archive(runtime, "default")

    assert kept(cold, ids) == before
    assert list(scan_decision_keys(cold)) == []
    assert sorted(every_decision(cold)) == sorted(ids)
    assert len(cold.archive.names(cold_folder(cold))) == len(read_segments(cold).decisions)


def test_without_the_archive_lists_go_on_and_a_roll_back_says_what_is_wrong(
    runtime: Runtime, weeks: list[str], archive_root: str, tmp_path: Path
) -> None:
    use_archive(runtime, archive_root)
    archive(runtime, "default")
    store = break_archive(runtime, tmp_path)

    with pytest.raises(ArchiveUnavailable):
        activate_published(runtime, "default", weeks[0])

    assert recommend(runtime, "default", ListRequest("c1", decision_id="new")).body
    assert store.redis.hget(store.keys.of("head"), "multipliers") == weeks[-1].encode()
