"""A search in the background is a job of the history, which names the run."""

import sys
from functools import partial

import pytest

from dog.errors import NotFound
from dog.offline.tuning.tune import tune
from dog.offline.tuning.tune_in_background import tune_in_background
from dog.services.runtime import Runtime
from dog.storage.job_log import Job, list_jobs, read_job
from dog.storage.run_log import read_run
from dog.storage.store import Store
from tests.offline.tuning.test_tune import fill


def tuned(runtime: Runtime, store: Store) -> Job:
    job = tune_in_background(runtime, "default", "recommended", held_out_weeks=3)
    while (job := read_job(store, job.job_id)).state in ("queued", "running"):
        pass
    return job


def test_without_optuna_the_job_says_what_to_install(
    runtime: Runtime, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    job = tuned(runtime, store)

    assert job.state == "failed"
    assert "requirements-tune.txt" in str(job.error)


def test_without_history_the_job_says_what_is_missing(runtime: Runtime, store: Store) -> None:
    pytest.importorskip("optuna", reason="the extra `tune` is not installed")
    job = tuned(runtime, store)

    assert (job.state, job.parameters) == ("failed", {"policy": "recommended", "held_out_weeks": 3})
    assert "no week of pitches" in str(job.error)


def test_the_job_names_the_run_and_its_report(runtime: Runtime, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("optuna", reason="the extra `tune` is not installed")
    fill(store, runtime)
    monkeypatch.setattr("dog.offline.tuning.tune.tune", partial(tune, trials=3, trust_scores=True))

    job = tuned(runtime, store)

    run = read_run(store, job.counts["run_id"])
    assert (run.kind, run.settings["held_out_weeks"], run.by) == ("tune", 3, job.by)
    assert "report.html" in run.files


def test_a_policy_that_is_not_active_starts_nothing(runtime: Runtime, store: Store) -> None:
    with pytest.raises(NotFound):
        tune_in_background(runtime, "default", "nope", held_out_weeks=8)
    assert list_jobs(store) == []
