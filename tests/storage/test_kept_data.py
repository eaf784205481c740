"""Data folders and backups of earlier releases: this release opens them, answers the same, and counts right.

`kept_data/README.md` says how a folder is made.
"""

import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest

from dog.bootstrap import create_runtime
from dog.config import read_settings
from dog.services.data.backup import restore_backup
from dog.services.lists.list_request import ListRequest
from dog.services.lists.recommend import recommend
from dog.services.migrate_tenant import migrate_tenants
from dog.services.pairs.read_multipliers import read_multipliers
from dog.services.runtime import Runtime
from dog.services.weekly.recount import recount
from dog.services.weekly.run_recompute import run_recompute
from dog.storage import migrations
from dog.storage.connection import connect
from dog.storage.embedded import EmbeddedServer
from dog.storage.keys import REFERENCE
from dog.storage.schema import SCHEMA, read_marks
from dog.storage.store import Store
from dog.storage.tenant_dump import key_class
from tests.conftest import Clock
from tests.tenant_keys import tenant_keys

FOLDERS = sorted(path.parent for path in (Path(__file__).parent / "kept_data").glob("*/data.tar.gz"))
NEVER_KEPT = {
    *("lease", "work", "cuts", "replay"),  # of jobs that run
    *("cold", "filed"),  # of an archive
    *("wide_confirmed", "confirmed"),  # of replicas
    *("batch", "choices", "fits", "fired"),  # such a small tenant without rules has none
    *("week_laps", "undo_tenant"),  # their keys begin with laps and undo
    *("file_loads", "undo", "sources"),  # added without a new schema
    *("claiming", "decided"),  # of schema 2
    *("backfill", "prepared"),  # of a back-fill that runs
    *("held", "snoozed", "worked"),  # of the inbox, added without a new schema
}
OF_ALL_TENANTS = {"api_keys", "console_secret", "hooks", "people", "tenants", "session"}


@dataclass
class Kept:
    """A kept data folder that is open, and what the release that wrote it answered."""

    runtime: Runtime
    answers: dict[str, Any]
    folder: Path


@pytest.fixture(params=FOLDERS, ids=lambda path: path.name)
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Kept]:
    """Open a copy of a kept data folder as a start of the service does."""
    with tarfile.open(request.param / "data.tar.gz") as packed:
        packed.extractall(tmp_path, filter="data")
    answers = orjson.loads((request.param / "answers.json").read_bytes())
    server = EmbeddedServer(tmp_path, "everysec")
    server.start()
    with connect(server.url, timeout_seconds=30) as redis:
        migrate_tenants(redis, lambda _: None)
        settings = read_settings({"DOG_DATA_DIR": str(tmp_path), "DOG_ARCHIVE_AFTER_WEEKS": "2"})
        runtime = create_runtime(settings, redis, Clock(answers["now_ms"]))
        yield Kept(runtime, answers, request.param)
        runtime.close()
    server.stop()


def lists(runtime: Runtime, tenant: str, answers: dict[str, Any]) -> dict[str, list[Any]]:
    """Return the lists of the contacts whose lists are kept, in the same form."""
    found = {}
    for contact_id in answers["lists"]:
        answer = orjson.loads(recommend(runtime, tenant, ListRequest(contact_id, dry_run=True)).body)
        names = ("product_id", "score", "multiplier")
        found[contact_id] = [{name: item[name] for name in names if name in item} for item in answer["items"]]
    return found


def pairs(runtime: Runtime, tenant: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = read_multipliers(
        runtime, tenant, contact_id=None, product_id=None, policy="recommended", cursor=None, limit=1000
    )["items"]
    return found


def as_kept(found: list[dict[str, Any]], answers: dict[str, Any]) -> list[dict[str, Any]]:
    """Return rows with the fields that are kept: later releases may have more."""
    return [{name: row[name] for name in kept} for row, kept in zip(found, answers["pairs"], strict=True)]


def test_the_lists_and_counts_of_a_kept_folder_are_those_of_the_release_that_wrote_it(kept: Kept) -> None:
    assert lists(kept.runtime, "default", kept.answers) == kept.answers["lists"]
    assert as_kept(pairs(kept.runtime, "default"), kept.answers) == kept.answers["pairs"]
    assert recount(kept.runtime, "default") == []
    assert read_marks(kept.runtime.redis, ["default"])[0].is_current


def test_a_kept_backup_is_restored_with_the_same_lists_and_counts(kept: Kept) -> None:
    restore_backup(kept.runtime, "copy", kept.folder / "backup.ndjson.gz")

    assert lists(kept.runtime, "copy", kept.answers) == kept.answers["lists"]
    assert as_kept(pairs(kept.runtime, "copy"), kept.answers) == kept.answers["pairs"]
    assert recount(kept.runtime, "copy") == []


def test_a_kept_folder_goes_on_learning(kept: Kept) -> None:
    clock = kept.runtime.clock
    assert isinstance(clock, Clock)
    clock.set("2026-11-30T12:00:00")

    published = run_recompute(kept.runtime, "default")

    assert [result.outcome for result in published] == ["published"]
    assert recount(kept.runtime, "default") == []


def test_a_kept_folder_has_every_kind_of_key(kept: Kept) -> None:
    keys = tenant_keys(kept.runtime.redis, "default")
    classes = {key_class(key.split(b"}:", 1)[1]) for key in keys}

    assert REFERENCE.keys() - NEVER_KEPT - OF_ALL_TENANTS - classes == set()


def test_the_next_release_migrates_a_kept_folder(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    def step(store: Store, place: int | None) -> None:
        store.execute("HSET", store.keys.of("settings"), f"place {place}", "done")

    monkeypatch.setitem(migrations.MIGRATIONS, SCHEMA + 1, step)
    for module in ("storage.schema", "storage.migrations", "services.migrate_tenant"):
        monkeypatch.setattr(f"dog.{module}.SCHEMA", SCHEMA + 1)
    migrate_tenants(kept.runtime.redis, lambda _: None)

    assert read_marks(kept.runtime.redis, ["default"])[0].schema == SCHEMA + 1
    assert lists(kept.runtime, "default", kept.answers) == kept.answers["lists"]
