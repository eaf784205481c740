"""What Redis knows of the archive is written by the holder of the lease alone."""

import pytest

from dog.services.job_lease import Interrupted, Lease
from dog.services.runtime import Runtime
from dog.services.weekly.archive_cold import archive_decisions
from dog.storage.cold_data import read_segments
from dog.storage.contact_lists import scan_decision_keys
from dog.storage.store import Store
from tests.cold_data import age_decisions, decide, use_archive


@pytest.fixture
def cold(runtime: Runtime, store: Store, archive_root: str) -> Store:  # the tenant has to be there
    """Open the tenant with an archive."""
    return use_archive(runtime, archive_root)


def test_a_holder_that_was_replaced_names_nothing(runtime: Runtime, cold: Store) -> None:
    decide(cold, 5)
    age_decisions(cold)
    with Lease(cold, "archive", runtime.stopping) as slept:
        slept.token -= 1
        with pytest.raises(Interrupted):
            archive_decisions(cold, slept)

    assert read_segments(cold).decisions == {}
    assert len(list(scan_decision_keys(cold))) == 5
