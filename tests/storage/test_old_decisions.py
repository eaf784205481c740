"""Old decisions come in parts for segments."""

import pytest

from dog.services.runtime import Runtime
from dog.services.weekly.archive_weeks import archive
from dog.storage.cold_data import read_segments
from dog.storage.contact_lists import RETENTION_SECONDS, scan_decision_keys
from dog.storage.store import Store
from tests.cold_data import TWO_DAYS, age_decisions, decide, use_archive


@pytest.fixture
def cold(runtime: Runtime, store: Store, archive_root: str) -> Store:  # the tenant has to be there
    """Open the tenant with an archive."""
    return use_archive(runtime, archive_root)


def test_decisions_of_one_day_are_in_one_segment(runtime: Runtime, cold: Store) -> None:
    decide(cold, 10)
    age_decisions(cold, 10 * 24 * 3600)
    decide(cold, 10, start=10)
    for key in list(scan_decision_keys(cold)):
        if int(cold.redis.ttl(key)) > RETENTION_SECONDS - 24 * 3600:
            cold.redis.expire(key, RETENTION_SECONDS - TWO_DAYS)

    archive(runtime, "default")

    assert [segment.rows for segment in read_segments(cold).decisions.values()] == [10, 10]
