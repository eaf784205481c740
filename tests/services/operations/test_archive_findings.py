from pathlib import Path

from dog.services.operations.archive_findings import check_archive
from dog.services.runtime import Runtime
from dog.services.weekly.archive_weeks import archive
from dog.storage.decisions import KeptDecision, write_decisions
from dog.storage.store import Store
from tests.cold_data import age_decisions, break_archive, use_archive
from tests.conftest import Api


def decide(store: Store) -> None:
    contact = store.tenant.contact("c1")
    content = b'{"decision_id":"d1"}'
    write_decisions(
        store, [KeptDecision(decision_id="d1", request=bytes(8), contact=contact, week="2026-W47", content=content)]
    )
    age_decisions(store)


def test_an_archive_is_written_and_read_and_its_contents_told(
    runtime: Runtime, store: Store, archive_root: str, api: Api
) -> None:
    store = use_archive(runtime, archive_root)
    decide(store)
    archive(runtime, "default")

    [finding] = check_archive(runtime, store)

    assert finding.ok
    assert "1 decisions, arrays of 0 versions" in finding.says
    assert "was written, read and removed" in finding.says
    assert store.archive.names("probe") == []
    assert 'dog_archived_decisions{tenant="default"} 1.0' in api.get("/metrics").text


def test_an_archive_that_cannot_be_reached_is_a_fault(runtime: Runtime, store: Store, tmp_path: Path) -> None:
    [finding] = check_archive(runtime, break_archive(runtime, tmp_path))

    assert not finding.ok
    assert "cannot be reached" in finding.says


def test_without_a_setting_decisions_stay_in_redis(runtime: Runtime, store: Store) -> None:
    decide(store)

    assert archive(runtime, "default") is None
    [finding] = check_archive(runtime, store)
    assert finding.ok
    assert "stay in Redis" in finding.says


def test_an_archive_that_is_no_longer_set_is_a_fault(runtime: Runtime, store: Store, tmp_path: Path) -> None:
    (tmp_path / "cold").mkdir()
    decide(use_archive(runtime, str(tmp_path / "cold")))
    archive(runtime, "default")

    [finding] = check_archive(runtime, use_archive(runtime, None))

    assert not finding.ok
    assert finding.fix == "set DOG_ARCHIVE as it was"


def test_weeks_that_were_left_under_the_data_folder_are_told(runtime: Runtime, store: Store, tmp_path: Path) -> None:
    (tmp_path / "cold").mkdir()
    (runtime.settings.data_dir / "archive" / "default" / "2026-W01").mkdir(parents=True)

    left = [one for one in check_archive(runtime, use_archive(runtime, str(tmp_path / "cold"))) if not one.ok]

    assert [one.about for one in left] == ["archived weeks"]
