"""An evaluation in the background is a job of the history, which names the run."""

import pytest

from dog.errors import NotFound
from dog.offline.evaluation.evaluate_in_background import evaluate_in_background
from dog.services.runtime import Runtime
from dog.storage.job_log import Job, list_jobs, read_job
from dog.storage.run_log import read_run
from dog.storage.store import Store
from tests.offline.evaluation.test_evaluate import fill


def evaluated(runtime: Runtime, store: Store) -> Job:
    job = evaluate_in_background(runtime, "default", "recommended", refit_weeks=2)
    while (job := read_job(store, job.job_id)).state in ("queued", "running"):
        pass
    return job


def test_the_job_names_the_run_and_its_report(runtime: Runtime, store: Store) -> None:
    fill(store, runtime.clock(), weeks=3)

    job = evaluated(runtime, store)

    run = read_run(store, job.counts["run_id"])
    assert job.state == "done"
    assert (run.kind, run.settings["policy"], run.settings["refit_weeks"]) == ("evaluate", "recommended", 2)
    assert "report.html" in run.files
    assert run.by == job.by


def test_without_history_the_job_says_what_is_missing(runtime: Runtime, store: Store) -> None:
    job = evaluated(runtime, store)

    assert job.state == "failed"
    assert "load feedback first" in str(job.error)


def test_a_policy_that_is_not_active_starts_nothing(runtime: Runtime, store: Store) -> None:
    with pytest.raises(NotFound):
        evaluate_in_background(runtime, "default", "nope", refit_weeks=4)
    assert list_jobs(store) == []
