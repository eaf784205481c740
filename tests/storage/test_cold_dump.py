"""A backup holds what is archived."""

from pathlib import Path

import pytest

from dog.services.data.backup import restore_backup, write_backup
from dog.services.runtime import Runtime
from dog.services.weekly.archive_weeks import archive
from dog.storage.contact_lists import RETENTION_SECONDS, scan_decision_keys
from dog.storage.store import Store
from tests.cold_data import TWO_DAYS, age_decisions, decide, kept, use_archive


@pytest.fixture
def cold(runtime: Runtime, store: Store, archive_root: str) -> Store:  # the tenant has to be there
    """Open the tenant with an archive."""
    return use_archive(runtime, archive_root)


def test_a_backup_holds_what_is_archived(runtime: Runtime, cold: Store, tmp_path: Path) -> None:
    ids = decide(cold, 20)
    age_decisions(cold)
    archive(runtime, "default")
    decide(cold, 2, start=20)

    write_backup(runtime, "default", tmp_path / "backup.gz")
    restore_backup(runtime, "copy", tmp_path / "backup.gz")

    copy = runtime.store("copy")
    assert kept(copy, [*ids, "d20", "d21"]) == kept(cold, [*ids, "d20", "d21"])
    ttl = [int(copy.redis.ttl(key)) for key in scan_decision_keys(copy)]
    assert min(ttl) <= RETENTION_SECONDS - TWO_DAYS
