import pytest

from dog.offline.history.read_history import read_history
from dog.services.runner import LocalRunner
from dog.services.runtime import Runtime
from dog.services.weekly.archive_weeks import archive
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.store import Store
from tests.conftest import Clock
from tests.offline.fed_history import fill, told


@pytest.fixture
def filled(runtime: Runtime, store: Store) -> None:
    fill(store, runtime.clock())


@pytest.mark.usefixtures("filled")
def test_archived_weeks_are_read_from_their_files(runtime: Runtime, store: Store, clock: Clock) -> None:
    before = told(read_history(LocalRunner(runtime), runtime, store, 90))
    run_recompute(runtime, "default")
    clock.set("2027-11-26T12:00:01")
    runtime.wait = lambda _: None

    archived = archive(runtime, "default")

    assert archived is not None
    assert archived.events > 0
    assert told(read_history(LocalRunner(runtime), runtime, store, 90)) == before
