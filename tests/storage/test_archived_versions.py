"""Arrays of older versions: archived, brought back, erased, backed up."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from dog.errors import Conflict
from dog.offline.proof.counterfactual_lists import PastSnapshots, rank_counterfactual
from dog.services.data.backup import restore_backup, write_backup
from dog.services.data.erase import erase
from dog.services.job_lease import Lease
from dog.services.lists.list_request import ListRequest
from dog.services.lists.recommend import recommend
from dog.services.lists.snapshot import Snapshots
from dog.services.pairs.pair_ledger import read_pair_ledger
from dog.services.pairs.read_multipliers import activate_published, list_versions
from dog.services.runtime import Runtime
from dog.services.weekly.archive_weeks import archive
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.cold_data import cold_folder, read_segments
from dog.storage.store import Store
from tests.cold_data import arrays, multipliers, publish_weeks, use_archive
from tests.conftest import Clock


@pytest.fixture
def weeks(runtime: Runtime, loaded: Store, clock: Clock) -> list[str]:  # products and contacts
    """Publish five weeks; the versions, oldest first."""
    return publish_weeks(runtime, clock)


def test_older_versions_leave_redis_and_come_back_bit_for_bit(
    runtime: Runtime, weeks: list[str], archive_root: str
) -> None:
    store = use_archive(runtime, archive_root)
    before, listed = {version: arrays(store, version) for version in weeks}, list_versions(runtime, "default")
    assert before[weeks[0]]

    archived = archive(runtime, "default")

    assert archived is not None
    assert archived.versions == 3
    assert [bool(arrays(store, version)) for version in weeks] == [False, False, False, True, True]
    assert list_versions(runtime, "default") == listed
    assert activate_published(runtime, "default", weeks[1])["version"] == weeks[1]
    assert arrays(store, weeks[1]) == before[weeks[1]]
    archive(runtime, "default")
    assert [bool(arrays(store, version)) for version in weeks] == [False, True, False, True, True]
    assert set(read_segments(store).versions) == {weeks[0], weeks[2]}
    named = {one.file for segments in read_segments(store).versions.values() for one in segments}
    assert set(store.archive.names(cold_folder(store))) == named


def test_a_list_after_a_roll_back_is_that_of_the_version(runtime: Runtime, weeks: list[str], archive_root: str) -> None:
    store = use_archive(runtime, archive_root)
    activate_published(runtime, "default", weeks[0])
    rows, answer = multipliers(runtime), recommend(runtime, "default", ListRequest("c1", dry_run=True)).body
    activate_published(runtime, "default", weeks[-1])
    archive(runtime, "default")
    assert arrays(store, weeks[0]) == {}

    activate_published(runtime, "default", weeks[0])

    assert multipliers(runtime) == rows
    items = orjson.loads(recommend(runtime, "default", ListRequest("c1", dry_run=True)).body)["items"]
    assert items == orjson.loads(answer)["items"]


def test_a_replay_goes_on_from_an_archived_version(
    runtime: Runtime, weeks: list[str], archive_root: str, clock: Clock
) -> None:
    store = use_archive(runtime, archive_root)
    plain = run_recompute(runtime, "default", replay="2026-W39", dry_run=True)
    archive(runtime, "default")
    assert arrays(store, weeks[1]) == {}

    replayed = run_recompute(runtime, "default", replay="2026-W39", dry_run=True)

    assert [dict(result.counts) for result in replayed] == [dict(result.counts) for result in plain]
    assert arrays(store, weeks[1])


def test_versions_are_not_moved_while_the_weekly_job_runs(
    runtime: Runtime, weeks: list[str], archive_root: str
) -> None:
    store = use_archive(runtime, archive_root)
    with Lease(store, "recompute", runtime.stopping), pytest.raises(Conflict):
        archive(runtime, "default")

    assert arrays(store, weeks[0])


def test_erasure_removes_a_contact_from_archived_versions(
    runtime: Runtime, weeks: list[str], archive_root: str
) -> None:
    store = use_archive(runtime, archive_root)
    archive(runtime, "default")

    erase(runtime, "default", "c1")

    contact = store.tenant.contact("c1")
    assert contact not in b"".join(map(store.archive.read, store.archive.names(cold_folder(store))))
    activate_published(runtime, "default", weeks[1])
    assert {row["contact_id"] for row in multipliers(runtime)} == {"c2"}


def test_a_backup_holds_archived_versions(
    runtime: Runtime, weeks: list[str], archive_root: str, tmp_path: Path
) -> None:
    store = use_archive(runtime, archive_root)
    before = {version: arrays(store, version) for version in weeks}
    archive(runtime, "default")

    write_backup(runtime, "default", tmp_path / "backup.gz")
    restore_backup(runtime, "copy", tmp_path / "backup.gz")

    copy = runtime.store("copy")
    for version in weeks:
        found = {key.replace(b"{copy", b"{default"): value for key, value in arrays(copy, version).items()}
        assert {key: value for key, value in found.items() if b"{default:" in key} == before[version]


def test_pairs_and_past_lists_are_read_from_archived_versions(
    runtime: Runtime, weeks: list[str], archive_root: str
) -> None:
    store = use_archive(runtime, archive_root)
    content = orjson.loads(recommend(runtime, "default", ListRequest("c1", explain="full", decision_id="d1")).body)

    def look() -> tuple[Any, Any]:
        snapshot = runtime.shared(Snapshots).current(store)
        name = snapshot.default_policy
        past = PastSnapshots(store, snapshot, snapshot.policy(name).policy, name).under(weeks[1])
        assert past is not None
        ledger = read_pair_ledger(runtime, "default", "c1", "p1", None)
        return [week.multiplier for week in ledger.weeks], rank_counterfactual(runtime, store, past, content)

    before = look()
    archive(runtime, "default")
    assert arrays(store, weeks[1]) == {}

    assert look() == before
    assert len([multiplier for multiplier in before[0] if multiplier is not None]) == 5
