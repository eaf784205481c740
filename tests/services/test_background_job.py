"""A job in the background is kept with state, progress and who started it, however its work ends."""

import threading
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from dog.errors import NotReady
from dog.services.background_job import Report, start_job
from dog.services.job_lease import Interrupted, Lease
from dog.services.runner import Runner
from dog.services.runtime import Runtime
from dog.storage.audit_log import Actor, acting_name, current_actor, read_audit_entries
from dog.storage.job_log import Job, read_job
from dog.storage.store import Store

ENDED = ("done", "failed", "stopped")
Work = Callable[[Runtime, Runner, Report], Mapping[str, Any]]


def ended(runtime: Runtime, store: Store, work: Work) -> Job:
    job = start_job(runtime, "default", "evaluate", {"policy": "a"}, work)
    while (job := read_job(store, job.job_id)).state not in ENDED:
        pass
    return job


def test_work_is_done_in_the_name_of_who_asked_for_it(runtime: Runtime, store: Store) -> None:
    current_actor.set(Actor("key_1", "Ada", "127.0.0.1"))
    job = ended(runtime, store, lambda _runtime, _runner, _report: {"by": acting_name()})
    current_actor.set(None)

    assert (job.state, job.by, job.progress, job.counts) == ("done", "Ada", 1.0, {"by": "Ada"})
    assert job.parameters == {"policy": "a"}
    [(_, entry)] = read_audit_entries(store.redis, "default", 1)
    assert (entry["act"], entry["target"], entry["name"]) == ("job.evaluate", job.job_id, "Ada")


def test_progress_is_kept_while_the_work_goes_on(runtime: Runtime, store: Store) -> None:
    reported, seen = threading.Event(), threading.Event()

    def work(_runtime: Runtime, _runner: Runner, report: Report) -> Mapping[str, Any]:
        report(0.25, "reading")
        reported.set()
        seen.wait(30)
        return {}

    job = start_job(runtime, "default", "evaluate", {}, work)
    reported.wait(30)
    running = read_job(store, job.job_id)
    seen.set()
    while (job := read_job(store, job.job_id)).state == "running":
        pass

    assert (running.state, running.progress) == ("running", 0.25)
    assert (job.state, job.progress) == ("done", 1.0)


@pytest.mark.parametrize(
    ("raised", "state", "says"),
    [
        (NotReady("no week of pitches is complete"), "failed", "no week of pitches is complete"),
        (ZeroDivisionError("division by zero"), "failed", "ZeroDivisionError: division by zero"),
        (Interrupted("stopped", "the process was asked to stop"), "stopped", "the process was asked to stop"),
    ],
)
def test_work_that_ends_early_says_why(
    runtime: Runtime, store: Store, raised: Exception, state: str, says: str
) -> None:
    def work(_runtime: Runtime, _runner: Runner, _report: Report) -> Mapping[str, Any]:
        raise raised

    job = ended(runtime, store, work)

    assert (job.state, job.error) == (state, says)
    assert job.finished_at_ms is not None


def test_work_stops_between_two_steps_where_the_process_ends(runtime: Runtime, store: Store) -> None:
    def work(_runtime: Runtime, _runner: Runner, report: Report) -> Mapping[str, Any]:
        runtime.stopping.set()
        report(0.5, "judging")
        return {"after": 1}

    job = ended(runtime, store, work)

    assert (job.state, job.counts) == ("stopped", {})


def test_two_of_a_kind_do_not_run_at_once(runtime: Runtime, store: Store) -> None:
    with Lease(store, "evaluate", runtime.stopping):
        job = ended(runtime, store, lambda _runtime, _runner, _report: {})

    assert job.state == "failed"
    assert "is running already" in str(job.error)
