"""Run records: equal inputs find the same, old ones go with their files, a worse model changes nothing."""

from typing import Any

import numpy as np
import pytest

from dog.errors import NotFound
from dog.services.run_records import compare_runs, fingerprint, keep_run, run_folder
from dog.services.runtime import Runtime
from dog.storage import run_log as run_store
from dog.storage.run_log import Run, list_runs, read_run
from dog.storage.store import Store


def keep(runtime: Runtime, **more: Any) -> Run:
    given: dict[str, Any] = {"settings": {"a": 1}, "data": "d1", "seed": 3, "metrics": {"auc": 0.75}, **more}
    return keep_run(runtime, "default", "train", started_ms=runtime.clock() - 1500, **given)


def test_a_run_is_read_as_it_was_kept(runtime: Runtime, store: Store) -> None:
    run = keep(runtime, files={"chart.png": b"picture"})

    assert read_run(store, run.run_id) == run
    assert run.seconds == 1.5
    assert (run_folder(runtime, run.run_id) / "chart.png").read_bytes() == b"picture"


def test_runs_of_the_same_inputs_are_told_to_be_equal_and_others_to_differ(runtime: Runtime, store: Store) -> None:
    first, again, other = keep(runtime), keep(runtime), keep(runtime, data="d2", metrics={"auc": 0.7, "new": None})

    same = compare_runs(runtime, "default", first.run_id, again.run_id)
    found = compare_runs(runtime, "default", first.run_id, other.run_id)

    assert same == {"same_inputs": True, "same_metrics": True, "inputs": {}, "metrics": {}}
    assert found["inputs"] == {"data": ["d1", "d2"]}
    assert found["metrics"] == {"auc": [0.75, 0.7], "new": [None, None]}


def test_the_oldest_runs_go_with_their_files(runtime: Runtime, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_store, "KEPT_RUNS", 3)
    ids = []
    for _ in range(5):
        runtime.clock.now_ms += 1  # type: ignore[attr-defined]  # the tests' clock
        ids.append(keep(runtime, files={"f": b""}).run_id)

    assert [run.run_id for run in list_runs(store)] == ids[:1:-1]
    assert [run_folder(runtime, run_id).exists() for run_id in ids] == [False, False, True, True, True]
    with pytest.raises(NotFound, match="runs list"):
        read_run(store, ids[0])


def test_a_fingerprint_tells_data_apart_by_value_and_by_where_one_ends() -> None:
    one, two = np.arange(3), np.arange(4)

    assert fingerprint(one, {"a": 1, "b": 2}) == fingerprint(one.copy(), {"b": 2, "a": 1})
    assert len({fingerprint(one), fingerprint(two), fingerprint(one, two), fingerprint(two, one)}) == 4
