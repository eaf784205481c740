"""Runs in MLflow: whole, once, and fixed where an export was killed."""

import sys
from pathlib import Path

import pytest

from dog.errors import InvalidInput
from dog.offline.export_runs import RUN_ID, export_runs
from dog.services.run_records import keep_run
from dog.services.runtime import Runtime
from dog.storage.run_log import Run
from dog.storage.store import Store


def keep(runtime: Runtime) -> Run:
    return keep_run(
        runtime,
        "default",
        "tune",
        started_ms=runtime.clock() - 1500,
        settings={"sampler": "tpe", "trials": 5},
        data="d1",
        seed=3,
        metrics={"log loss @ best": 0.25, "unknown": None},
        outcome="drafted nothing",
        files={"progress.png": b"picture"},
    )


def test_without_mlflow_it_says_what_to_install(
    runtime: Runtime, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "mlflow", None)

    with pytest.raises(InvalidInput, match=r"pip install -r requirements-mlflow\.txt"):
        export_runs(runtime, "default", "anywhere")


@pytest.mark.filterwarnings("ignore")  # MLflow's own
def test_runs_are_read_back_from_mlflow_as_they_were_kept_and_written_once(
    runtime: Runtime, store: Store, tmp_path: Path
) -> None:
    mlflow = pytest.importorskip("mlflow", reason="the extra `mlflow` is not installed, it brings 20 packages")
    run = keep(runtime)

    counts = [export_runs(runtime, "default", str(tmp_path / "mlruns")) for _ in range(2)]

    client = mlflow.MlflowClient((tmp_path / "mlruns").as_uri())
    experiment = client.get_experiment_by_name("dog-default").experiment_id
    (found,) = client.search_runs([experiment])
    assert counts == [1, 0]
    assert found.data.metrics == {"log loss _ best": 0.25}
    assert found.data.params == {"sampler": "tpe", "trials": "5", "code": run.code, "data": "d1", "seed": "3"}
    assert found.info.end_time - found.info.start_time == 1500
    assert [one.path for one in client.list_artifacts(found.info.run_id)] == ["progress.png"]

    client.create_run(experiment, tags={RUN_ID: keep(runtime).run_id})  # as a killed export leaves it
    assert export_runs(runtime, "default", str(tmp_path / "mlruns")) == 1
    assert {one.info.status for one in client.search_runs([experiment])} == {"FINISHED"}


@pytest.mark.filterwarnings("ignore")
def test_a_place_that_takes_nothing_is_named(runtime: Runtime, store: Store, tmp_path: Path) -> None:
    pytest.importorskip("mlflow", reason="the extra `mlflow` is not installed, it brings 20 packages")
    (tmp_path / "file").write_text("")

    with pytest.raises(InvalidInput, match="takes no runs"):
        export_runs(runtime, "default", str(tmp_path / "file"))
