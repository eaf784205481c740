import pytest

from dog.offline.history.read_history import read_history
from dog.services.runner import LocalRunner
from dog.services.runtime import Runtime
from dog.storage.store import Store
from tests.offline.fed_history import fill, told


@pytest.fixture
def filled(runtime: Runtime, store: Store) -> None:
    fill(store, runtime.clock())


@pytest.mark.usefixtures("filled")
def test_of_a_large_tenant_the_first_partitions_are_read(
    runtime: Runtime, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = read_history(LocalRunner(runtime), runtime, store, 90)
    monkeypatch.setattr("dog.offline.history.read_history.MOST_PITCHES", 20)

    sample = read_history(LocalRunner(runtime), runtime, store, 90)

    assert whole.read_share == 1
    assert 0 < sample.read_share < 1
    assert set(told(sample)) < set(told(whole))
    assert sample.contact_ids == whole.contact_ids[: len(sample.contact_ids)]
