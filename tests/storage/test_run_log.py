import pytest

from dog.errors import NotFound
from dog.storage import run_log
from dog.storage.run_log import Run, list_runs, put_run, read_run
from dog.storage.store import Store


def run(number: int) -> Run:
    return Run(run_id=f"r{number}", kind="train", at_ms=number, seconds=1.0, settings={}, code="c", data="d")


def test_a_run_is_read_as_it_was_stored(store: Store) -> None:
    put_run(store, run(1))

    assert read_run(store, "r1") == run(1)
    with pytest.raises(NotFound):
        read_run(store, "r2")


def test_the_oldest_runs_beyond_the_bound_are_forgotten_and_named(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_log, "KEPT_RUNS", 2)

    assert [put_run(store, run(number)) for number in (1, 2, 3)] == [[], [], ["r1"]]
    assert [each.run_id for each in list_runs(store)] == ["r3", "r2"]
