"""A search in the background is a job of the history, which names the run."""

import sys

import pytest

from dog.errors import NotFound
from dog.offline.tuning.tune_in_background import tune_in_background
from dog.services.runtime import Runtime
from dog.storage.job_log import Job, list_jobs, read_job
from dog.storage.store import Store


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


def test_a_policy_that_is_not_active_starts_nothing(runtime: Runtime, store: Store) -> None:
    with pytest.raises(NotFound):
        tune_in_background(runtime, "default", "nope", held_out_weeks=8)
    assert list_jobs(store) == []
