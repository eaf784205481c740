from dataclasses import replace

import pytest

from dog.errors import InvalidInput, WorkerLost
from dog.services.background_job import JobThreads
from dog.services.feedback.record_feedback import record_feedback
from dog.services.runtime import Runtime
from dog.services.weekly.start_recompute import start_recompute
from dog.storage.job_log import Job, list_jobs, put_job, read_job
from dog.storage.multiplier_versions import read_weeks
from dog.storage.store import Store
from tests.conftest import event
from tests.servers import wait_until


def test_a_job_is_known_at_once_and_runs_on(runtime: Runtime, store: Store) -> None:
    record_feedback(store, [event("e1", "pitch", occurred_at="2026-11-10T09:00:00Z")], runtime.clock())
    job = start_recompute(runtime, "default", None, dry_run=False)
    known = read_job(store, job.job_id)
    wait_until(lambda: read_job(store, job.job_id).state == "done")

    assert known.parameters == {"week": None, "replay": None, "dry_run": False, "force": False}
    assert len(read_weeks(store)) == 1


def test_a_recompute_that_is_done_when_its_process_ends_stays_done(
    runtime: Runtime, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def finish(_runtime: Runtime, _tenant: str, _week: str | None, *, job: Job, **_: object) -> None:
        put_job(store, replace(job, state="done"))
        raise WorkerLost("its process was killed")

    monkeypatch.setattr("dog.services.weekly.start_recompute.run_recompute", finish)
    job = start_recompute(runtime, "default", None, dry_run=False)
    runtime.shared(JobThreads).close()

    assert read_job(store, job.job_id).state == "done"


@pytest.mark.parametrize(("week", "replay"), [("2026-W60", None), (None, "soon"), (None, "2026-W46")])
def test_what_cannot_be_done_is_refused_before_a_job_is_made(
    runtime: Runtime, store: Store, week: str | None, replay: str | None
) -> None:
    with pytest.raises(InvalidInput):
        start_recompute(runtime, "default", week, replay=replay, dry_run=False)

    assert list_jobs(store) == []
