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
def test_the_outcome_of_a_retracted_pitch_implies_one_and_verdicts_on_the_account_make_no_streak(
    runtime: Runtime, store: Store
) -> None:
    history = read_history(LocalRunner(runtime), runtime, store, 90)

    assert len(history.pitches) == 60
    assert {row[3] - row[2] for row in told(history) if row[0] == "c3"} >= {0}
    assert 0 > history.streaks.length.min() >= -15
